package io.lograft.broker.app.config;

import io.lograft.broker.log.LogConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * The logs on disk.
 *
 * @param directories where partitions lie; a new one goes where there are fewest
 * @param log settings of each partition's log
 * @param messageBytesMax greatest size of a record batch
 * @param retention when closed segments are deleted
 */
public record StorageConfig(List<Path> directories, LogConfig log, int messageBytesMax, Retention retention) {
    /** The key of {@link #directories}, for messages about them. */
    public static final String DIRECTORIES_KEY = "log.dirs";

    /**
     * How long closed segments are kept; both limits apply.
     *
     * @param ms age of its last record above which a segment is deleted, -1 for never
     * @param bytes size of a partition above which its oldest segments are deleted, -1 for none
     */
    public record Retention(long ms, long bytes) {}

    public StorageConfig {
        directories = List.copyOf(directories);
        if (directories.isEmpty()) {
            throw new IllegalArgumentException("a broker needs a log directory");
        }
    }
}
