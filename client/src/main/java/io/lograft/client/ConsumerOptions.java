package io.lograft.client;

import java.util.Objects;

/**
 * How a consumer works.
 *
 * <pre>{@code
 * ConsumerOptions options = ConsumerOptions.builder()
 *         .offsetReset(OffsetReset.LATEST)
 *         .prefetchBytes(64 << 20)
 *         .build();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param offsetReset where to start without a position, and after retention deleted the position; EARLIEST
 * @param prefetchBytes bytes of batches that may be on their way or wait to be polled; 32 MiB
 * @param partitionBytesMax greatest size of one partition's data in one answer; 1 MiB
 * @param pollRecordsMax most records that one poll returns; 2,000
 * @param verifiesChecksums checks the CRC of every batch; true
 */
public record ConsumerOptions(
        OffsetReset offsetReset,
        long prefetchBytes,
        int partitionBytesMax,
        int pollRecordsMax,
        boolean verifiesChecksums) {

    /** Throws IllegalArgumentException for sizes that are not positive. */
    public ConsumerOptions {
        Objects.requireNonNull(offsetReset, "offsetReset");
        if (prefetchBytes <= 0 || partitionBytesMax <= 0 || pollRecordsMax <= 0) {
            throw new IllegalArgumentException("prefetchBytes " + prefetchBytes + ", partitionBytesMax "
                    + partitionBytesMax + " and pollRecordsMax " + pollRecordsMax + " must be positive");
        }
    }

    /** From the earliest record, 32 MiB of prefetch, checksums verified. */
    public static ConsumerOptions defaults() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Gathers options, each as its component of {@link ConsumerOptions} says. Not thread-safe.
     *
     * <pre>{@code
     * ConsumerOptions options = ConsumerOptions.builder().pollRecordsMax(100).build();
     * }</pre>
     */
    public static final class Builder {
        private OffsetReset offsetReset = OffsetReset.EARLIEST;
        private long prefetchBytes = 32L << 20;
        private int partitionBytesMax = 1 << 20;
        private int pollRecordsMax = 2_000;
        private boolean verifiesChecksums = true;

        private Builder() {}

        public Builder offsetReset(OffsetReset value) {
            offsetReset = value;
            return this;
        }

        public Builder prefetchBytes(long value) {
            prefetchBytes = value;
            return this;
        }

        public Builder partitionBytesMax(int value) {
            partitionBytesMax = value;
            return this;
        }

        public Builder pollRecordsMax(int value) {
            pollRecordsMax = value;
            return this;
        }

        public Builder verifiesChecksums(boolean value) {
            verifiesChecksums = value;
            return this;
        }

        public ConsumerOptions build() {
            return new ConsumerOptions(
                    offsetReset, prefetchBytes, partitionBytesMax, pollRecordsMax, verifiesChecksums);
        }
    }
}
