package io.lograft.client;

import io.lograft.client.core.produce.SenderConfig;
import io.lograft.record.Compression;
import java.time.Duration;
import java.util.Objects;

/**
 * How a producer works. The defaults are the safe ones: idempotent, acknowledged by all in-sync replicas.
 *
 * <pre>{@code
 * ProducerOptions options = ProducerOptions.builder()
 *         .compression(Compression.ZSTD)
 *         .deliveryTimeout(Duration.ofSeconds(30))
 *         .build();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param acks when a record counts as acknowledged; ALL
 * @param isIdempotent retries leave no duplicates; true. Without it one batch per partition is in flight. With acks NONE
 *     nothing is retried, so it has no effect
 * @param compression codec of the batches; NONE. Topics may have another one on disk ({@code compression.type})
 * @param compressionLevel how hard the codec tries, as Kafka's {@code compression.gzip.level} and so on: gzip 1 to 9 or -1,
 *     lz4 1 to 17, zstd -131072 to 22; {@link Compression#levelDefault}, which is -1, 9 and 3
 * @param batchBytes size that a batch does not pass before compression, unless by its first record; 128 KiB
 * @param linger how long a batch that is not full waits while others of its partition are in flight; 5 ms. With none in
 *     flight it is sent at once
 * @param inFlightMax unacknowledged batches per partition, 1 to 5; 5
 * @param bufferBytes memory for records that wait to be acknowledged; 32 MiB
 * @param recordBytesMax greatest size of a record's key, value and headers; 8 MiB. Brokers have a limit of their own
 * @param blockTimeout how long {@code send} may wait for memory (60 s), and at most 10 s of it for the topic to appear;
 *     zero: never wait, fail
 * @param deliveryTimeout after this time without acknowledgement a record fails; 120 s
 * @param partitioner chooses the partitions of records that name none; by the key's hash, or one per batch
 * @param interceptor sees every record before it is sent; changes nothing
 */
public record ProducerOptions(
        Acks acks,
        boolean isIdempotent,
        Compression compression,
        int compressionLevel,
        int batchBytes,
        Duration linger,
        int inFlightMax,
        long bufferBytes,
        int recordBytesMax,
        Duration blockTimeout,
        Duration deliveryTimeout,
        Partitioner partitioner,
        Interceptor interceptor) {
    private static final int BATCH_BYTES_MIN = 1 << 10;
    private static final int BATCH_BYTES_MAX = 8 << 20;

    /** Throws IllegalArgumentException for values that make no sense. */
    public ProducerOptions {
        Objects.requireNonNull(acks, "acks");
        Objects.requireNonNull(compression, "compression");
        check(compression.hasLevel(compressionLevel), "compressionLevel of " + compression.label(), compressionLevel);
        check(batchBytes >= BATCH_BYTES_MIN && batchBytes <= BATCH_BYTES_MAX, "batchBytes", batchBytes);
        check(!linger.isNegative(), "linger", linger);
        check(inFlightMax >= 1 && inFlightMax <= SenderConfig.IN_FLIGHT_MAX, "inFlightMax", inFlightMax);
        check(bufferBytes >= batchBytes, "bufferBytes", bufferBytes);
        check(recordBytesMax > 0 && recordBytesMax <= BATCH_BYTES_MAX, "recordBytesMax", recordBytesMax);
        check(!blockTimeout.isNegative(), "blockTimeout", blockTimeout);
        Objects.requireNonNull(partitioner, "partitioner");
        Objects.requireNonNull(interceptor, "interceptor");
        check(!deliveryTimeout.isNegative() && !deliveryTimeout.isZero(), "deliveryTimeout", deliveryTimeout);
    }

    /**
     * Chooses the partition of a record that names none. Called by the threads that send, perhaps by several at once; must
     * not block. What it throws comes out of {@code send}, and the record is not sent.
     *
     * <pre>{@code
     * Partitioner byRegion = (record, count) -> region(record.key()) % count;
     * }</pre>
     */
    @FunctionalInterface
    public interface Partitioner {
        /** By the key's murmur2 hash, as Kafka's Java client has it; without a key, one per batch. */
        Partitioner STANDARD = (record, partitionCount) -> ProducerRecord.ANY_PARTITION;

        /** From 0 to the count minus 1, or {@link ProducerRecord#ANY_PARTITION} for the standard choice. */
        int partition(ProducerRecord record, int partitionCount);
    }

    /**
     * Sees every record before it is sent and may send another in its place, with headers for tracing, say. Called by the
     * threads that send, perhaps by several at once; must not block. What it throws comes out of {@code send}, and the
     * record is not sent.
     *
     * <pre>{@code
     * Interceptor tracing = record -> record.withHeader("traceparent", currentSpan());
     * }</pre>
     */
    @FunctionalInterface
    public interface Interceptor {
        /** Changes nothing. */
        Interceptor NONE = record -> record;

        /** The record to send. */
        ProducerRecord onSend(ProducerRecord record);
    }

    /** The safe defaults. */
    public static ProducerOptions defaults() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void check(boolean isValid, String name, Object value) {
        if (!isValid) {
            throw new IllegalArgumentException(name + " cannot be " + value);
        }
    }

    /**
     * Gathers options, each as its component of {@link ProducerOptions} says. Not thread-safe.
     *
     * <pre>{@code
     * ProducerOptions options = ProducerOptions.builder().acks(Acks.LEADER).build();
     * }</pre>
     */
    public static final class Builder {
        private Acks acks = Acks.ALL;
        private boolean isIdempotent = true;
        private Compression compression = Compression.NONE;
        private Integer compressionLevel;
        private int batchBytes = 128 << 10;
        private Duration linger = Duration.ofMillis(5);
        private int inFlightMax = SenderConfig.IN_FLIGHT_MAX;
        private long bufferBytes = 32L << 20;
        private int recordBytesMax = 8 << 20;
        private Duration blockTimeout = Duration.ofMinutes(1);
        private Duration deliveryTimeout = Duration.ofMinutes(2);
        private Partitioner partitioner = Partitioner.STANDARD;
        private Interceptor interceptor = Interceptor.NONE;

        private Builder() {}

        public Builder acks(Acks value) {
            acks = value;
            return this;
        }

        public Builder idempotent(boolean value) {
            isIdempotent = value;
            return this;
        }

        public Builder compression(Compression value) {
            compression = value;
            return this;
        }

        public Builder compressionLevel(int value) {
            compressionLevel = value;
            return this;
        }

        public Builder batchBytes(int value) {
            batchBytes = value;
            return this;
        }

        public Builder linger(Duration value) {
            linger = value;
            return this;
        }

        public Builder inFlightMax(int value) {
            inFlightMax = value;
            return this;
        }

        public Builder bufferBytes(long value) {
            bufferBytes = value;
            return this;
        }

        public Builder recordBytesMax(int value) {
            recordBytesMax = value;
            return this;
        }

        public Builder blockTimeout(Duration value) {
            blockTimeout = value;
            return this;
        }

        public Builder deliveryTimeout(Duration value) {
            deliveryTimeout = value;
            return this;
        }

        public Builder partitioner(Partitioner value) {
            partitioner = value;
            return this;
        }

        public Builder interceptor(Interceptor value) {
            interceptor = value;
            return this;
        }

        public ProducerOptions build() {
            return new ProducerOptions(
                    acks,
                    isIdempotent,
                    compression,
                    compressionLevel == null ? compression.levelDefault() : compressionLevel,
                    batchBytes,
                    linger,
                    inFlightMax,
                    bufferBytes,
                    recordBytesMax,
                    blockTimeout,
                    deliveryTimeout,
                    partitioner,
                    interceptor);
        }
    }
}
