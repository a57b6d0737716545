package io.lograft.broker.app.config;

import io.lograft.broker.log.config.LogConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * The logs on disk.
 *
 * @param directories where partitions lie; a new one goes where there are fewest
 * @param log settings of each partition's log
 * @param messageBytesMax greatest size of a record batch
 */
public record StorageConfig(List<Path> directories, LogConfig log, int messageBytesMax) {
    /** The key of {@link #directories}, for messages about them. */
    public static final String DIRECTORIES_KEY = "log.dirs";

    public StorageConfig {
        directories = List.copyOf(directories);
        if (directories.isEmpty()) {
            throw new IllegalArgumentException("a broker needs a log directory");
        }
    }
}
