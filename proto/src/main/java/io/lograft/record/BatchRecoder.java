package io.lograft.record;

import io.lograft.model.ErrorCode;
import io.lograft.record.codec.Decompressed;
import io.lograft.record.codec.TooLargeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * Gives batches another codec. The records stay byte for byte what they are, and so does the header but for codec, length
 * and checksum. Immutable, for any thread.
 */
public final class BatchRecoder {
    private final Compression compression;
    private final int level;

    /** Makes one for a codec at one of its levels. */
    public BatchRecoder(Compression compression, int level) {
        this.compression = Objects.requireNonNull(compression, "compression");
        if (!compression.hasLevel(level)) {
            throw new IllegalArgumentException(compression.label() + " has no level " + level);
        }
        this.level = level;
    }

    /** The codec that batches get. */
    public Compression compression() {
        return compression;
    }

    /** The level at which they get it. */
    public int level() {
        return level;
    }

    /** True for a batch that has another codec. */
    public boolean changes(BatchHeader header) {
        return header.codecBits() != compression.bits();
    }

    /** What became of a batch: its new form, big-endian from position 0, or what is wrong with it. */
    public record Recoded(ByteBuffer batch, Optional<BatchFault> fault) {}

    /**
     * The batch, which is not changed, with the codec of this recoder, in an array of its own.
     *
     * @param plainBytesMax bound on what the records may expand to, all of which are held in memory
     */
    public Recoded recode(RecordBatch batch, int plainBytesMax) {
        BatchHeader header = batch.header();
        Optional<Compression> from = Compression.forBits(header.codecBits());
        if (from.isEmpty()) {
            return failed(BatchValidator.unknownCodec(header));
        }
        byte[] packed = new byte[batch.sizeBytes()];
        batch.bytes().get(packed);
        int packedSize = packed.length - BatchHeader.SIZE_BYTES;
        String where = "batch at offset " + header.baseOffset() + " ";
        Decompressed plain;
        try {
            plain = Decompressed.of(
                    from.get().codec().reader(packed, BatchHeader.SIZE_BYTES, packedSize), packedSize, plainBytesMax);
        } catch (TooLargeException e) {
            return failed(new BatchFault(ErrorCode.RECORD_TOO_LARGE, where + e.getMessage()));
        } catch (IOException e) {
            return failed(BatchFault.corrupt(
                    where + "cannot be decompressed with " + from.get().label() + ": " + e.getMessage()));
        }
        ByteArrayOutputStream sink = new ByteArrayOutputStream(BatchHeader.SIZE_BYTES + plain.size() / 2);
        sink.write(packed, 0, BatchHeader.SIZE_BYTES);
        BatchBuilder.compress(compression, level, plain.bytes(), 0, plain.size(), sink);
        return new Recoded(sealed(sink.toByteArray(), header), Optional.empty());
    }

    private ByteBuffer sealed(byte[] bytes, BatchHeader before) {
        ByteBuffer batch = ByteBuffer.wrap(bytes);
        int attributes = (before.attributes() & ~BatchHeader.CODEC_ATTRIBUTES) | compression.bits();
        batch.putShort(BatchHeader.ATTRIBUTES_POSITION, (short) attributes);
        batch.putInt(BatchHeader.LENGTH_POSITION, bytes.length - BatchHeader.LOG_OVERHEAD_BYTES);
        batch.putInt(BatchHeader.CRC_POSITION, RecordBatch.at(batch, 0).crcOfContent());
        return batch;
    }

    private static Recoded failed(BatchFault fault) {
        return new Recoded(null, Optional.of(fault));
    }
}
