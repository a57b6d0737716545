package io.lograft.client;

import java.util.Objects;

/**
 * How far a group got in a partition, with a text of its own.
 *
 * <pre>{@code
 * consumer.commit(Map.of(record.topicPartition(), OffsetAndMetadata.of(record.offset() + 1)));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param offset of the next record to read
 * @param leaderEpoch of the last record read, -1 where it is not known
 * @param metadata any text, at most 4,096 bytes
 */
public record OffsetAndMetadata(long offset, int leaderEpoch, String metadata) {

    /** Throws IllegalArgumentException for a negative offset. */
    public OffsetAndMetadata {
        Objects.requireNonNull(metadata, "metadata");
        if (offset < 0) {
            throw new IllegalArgumentException("offset " + offset + " is negative");
        }
    }

    /** An offset without a text. */
    public static OffsetAndMetadata of(long offset) {
        return new OffsetAndMetadata(offset, -1, "");
    }
}
