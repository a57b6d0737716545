package io.lograft.it;

import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Record batches that no broker may take. Every batch is a new array. */
final class BadBatches {
    /** Something to change in a batch, by position. */
    interface Change {
        void apply(ByteBuffer batch);
    }

    private BadBatches() {}

    /** A sound batch of one record. */
    static byte[] sound() {
        return of(BatchOptions.plain(Compression.NONE), 1);
    }

    /** A sound batch of an idempotent producer. */
    static byte[] of(long producerId, int epoch, int sequence, int records) {
        return of(BatchOptions.idempotent(Compression.NONE, producerId, (short) epoch, sequence), records);
    }

    static byte[] of(BatchOptions options, int records) {
        BatchBuilder builder = new BatchBuilder(1 << 16);
        for (int i = 0; i < records; i++) {
            byte[] value = ("record " + i).getBytes(StandardCharsets.UTF_8);
            builder.append(System.currentTimeMillis(), null, value, List.of());
        }
        return builder.build(options);
    }

    /** A sound batch of this many bytes or a few more. */
    static byte[] ofSize(int bytes) {
        BatchBuilder builder = new BatchBuilder(bytes + 1_000);
        builder.append(1, null, new byte[bytes], List.of());
        return builder.build(BatchOptions.plain(Compression.NONE));
    }

    /** Changes a header field and keeps the checksum right. */
    static byte[] changed(byte[] batch, Change change) {
        byte[] copy = batch.clone();
        change.apply(ByteBuffer.wrap(copy));
        CRC32C crc = new CRC32C();
        crc.update(copy, BatchHeader.ATTRIBUTES_POSITION, copy.length - BatchHeader.ATTRIBUTES_POSITION);
        ByteBuffer.wrap(copy).putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
        return copy;
    }

    /** Few bytes that become 80 MiB. */
    static byte[] bomb(Compression codec) {
        BatchBuilder builder = new BatchBuilder(Integer.MAX_VALUE);
        builder.append(1, null, new byte[80 << 20], List.of());
        return builder.build(BatchOptions.plain(codec));
    }

    static byte[] withGap() {
        BatchBuilder builder = new BatchBuilder(1 << 16);
        builder.appendAt(0, 1, null, new byte[1], List.of());
        builder.appendAt(2, 1, null, new byte[1], List.of());
        return changed(
                builder.build(BatchOptions.plain(Compression.NONE)),
                batch -> batch.putInt(BatchHeader.RECORD_COUNT_POSITION, 3));
    }

    static byte[] aDayAhead() {
        BatchBuilder builder = new BatchBuilder(1 << 16);
        builder.append(System.currentTimeMillis() + 86_400_000, null, new byte[1], List.of());
        return builder.build(BatchOptions.plain(Compression.NONE));
    }

    static byte[] withAttributes(int bits) {
        return changed(sound(), batch -> batch.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) bits));
    }

    static byte[] withMagic(int magic) {
        return changed(sound(), batch -> batch.put(BatchHeader.MAGIC_POSITION, (byte) magic));
    }

    /** One bit is wrong, and the checksum therefore, too. */
    static byte[] flipped(int position) {
        byte[] batch = sound();
        batch[position] ^= 0x10;
        return batch;
    }

    static byte[] truncated(int sizeBytes) {
        return Arrays.copyOf(sound(), sizeBytes);
    }

    static byte[] two() {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(sound());
        both.writeBytes(sound());
        return both.toByteArray();
    }
}
