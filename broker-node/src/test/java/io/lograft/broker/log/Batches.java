package io.lograft.broker.log;

import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Batches for tests. */
final class Batches {
    private Batches() {}

    /** Records with these values, all of the same time. */
    static ByteBuffer of(long timestampMs, String... values) {
        return build(BatchOptions.plain(Compression.NONE), timestampMs, values);
    }

    /** The same, of an idempotent producer. */
    static ByteBuffer ofProducer(long producerId, int epoch, int sequence, String... values) {
        return build(BatchOptions.idempotent(Compression.NONE, producerId, (short) epoch, sequence), 1000, values);
    }

    private static ByteBuffer build(BatchOptions options, long timestampMs, String... values) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (String value : values) {
            builder.append(timestampMs, null, value.getBytes(StandardCharsets.UTF_8));
        }
        return ByteBuffer.wrap(builder.build(options));
    }

    /** One to four records of up to so many random bytes. */
    static ByteBuffer random(Random random, long timestampMs, int valueBytesMax) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int i = random.nextInt(4); i >= 0; i--) {
            byte[] value = new byte[random.nextInt(valueBytesMax)];
            random.nextBytes(value);
            builder.append(timestampMs + i, null, value);
        }
        return ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE)));
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Whether this byte of a batch belongs to its leader epoch, which the format's checksum does not cover. */
    static boolean isEpochByte(int positionInBatch) {
        return positionInBatch >= BatchHeader.LEADER_EPOCH_POSITION
                && positionInBatch < BatchHeader.LEADER_EPOCH_POSITION + 4;
    }
}
