package io.lograft.broker.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The logs on disk.
 *
 * @param directories where partitions lie; a new one goes where there are fewest
 * @param segmentBytesMax size at which a segment is closed and the next one begun
 * @param rollAfter age at which it is, whatever its size
 * @param indexIntervalBytes bytes of log from one index entry to the next
 * @param messageBytesMax greatest size of a record batch
 * @param timestampType whose clock the records carry
 * @param retention when closed segments are deleted
 */
public record StorageConfig(
        List<Path> directories,
        int segmentBytesMax,
        Duration rollAfter,
        int indexIntervalBytes,
        int messageBytesMax,
        TimestampType timestampType,
        Retention retention) {

    /** Whose clock the records of a topic carry ({@code message.timestamp.type}). */
    public enum TimestampType {
        /** The producer's, as it was sent. */
        CREATE_TIME,
        /** The leader's, at the append. */
        LOG_APPEND_TIME
    }

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
