package io.lograft.record.legacy;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.LegacyCursor;
import io.lograft.record.LegacyMessage;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Turns message sets of formats 0 and 1 into record batches of format version 2, as what they are in a log: offsets stay,
 * gaps among them included, as do timestamps, their type and the codec. A compressed wrapper becomes one batch; plain
 * messages that follow each other become batches of up to a target size. For use by one thread.
 *
 * <pre>{@code
 * LegacyConverter.Converted converted = new LegacyConverter(64 << 10, 0).convert(bytes);
 * }</pre>
 */
public final class LegacyConverter {
    private final int batchBytes;
    private final int leaderEpoch;
    private final ByteArrayOutputStream sink = new ByteArrayOutputStream();
    private BatchBuilder builder;
    /** Of the batch that is being built. */
    private long baseOffset;

    private BatchOptions options;
    /** That the last record came from; a wrapper is one object for all its records. */
    private LegacyMessage lastMessage;

    /**
     * Makes a converter.
     *
     * @param batchBytes size that a batch of plain messages does not pass, unless by its first record
     * @param leaderEpoch that the batches get; the old formats have none
     */
    public LegacyConverter(int batchBytes, int leaderEpoch) {
        if (leaderEpoch < 0) {
            throw new IllegalArgumentException("a log has leader epochs from 0, not " + leaderEpoch);
        }
        this.batchBytes = Math.max(batchBytes, 2 * BatchHeader.SIZE_BYTES);
        this.leaderEpoch = leaderEpoch;
    }

    /**
     * What became of a message set.
     *
     * @param batches whole batches of all that was read
     * @param readBytes how far the messages were converted: a position in what was given
     * @param fault why it ended before the end; messages from {@code readBytes} on are not in the batches
     */
    public record Converted(ByteBuffer batches, int readBytes, Optional<BatchFault> fault) {}

    /** Converts what lies between the buffer's position and limit, with the usual bound on decompression. */
    public Converted convert(ByteBuffer messages) {
        return convert(messages, RecordCursor.DECOMPRESSED_BYTES_MAX);
    }

    /**
     * The same with a bound of one's own. Stops at the first message that is damaged, or of another format: in a log that
     * was upgraded, batches follow the messages.
     *
     * @param plainBytesMax bound on what one compressed set may expand to
     */
    public Converted convert(ByteBuffer messages, int plainBytesMax) {
        sink.reset();
        builder = new BatchBuilder(Integer.MAX_VALUE);
        long previous = -1;
        int readBytes = messages.position();
        Optional<BatchFault> fault = Optional.empty();
        LegacyCursor cursor = LegacyCursor.over(messages, plainBytesMax);
        while (fault.isEmpty() && cursor.advance()) {
            if (cursor.record().offset() <= previous) {
                fault = Optional.of(new BatchFault(
                        ErrorCode.CORRUPT_BATCH,
                        "message at offset " + cursor.record().offset() + " follows offset " + previous));
            } else {
                take(cursor);
                previous = cursor.record().offset();
                readBytes = cursor.position();
            }
        }
        closeBatch();
        return new Converted(
                ByteBuffer.wrap(sink.toByteArray()), readBytes, fault.isPresent() ? fault : cursor.fault());
    }

    private void take(LegacyCursor cursor) {
        DecodedRecord record = cursor.record();
        BatchOptions wanted = options(cursor.message());
        boolean isContinued = !builder.isEmpty()
                && wanted.equals(options)
                && record.offset() - baseOffset <= Integer.MAX_VALUE - 1
                && isSameBatch(cursor, record);
        if (!isContinued) {
            closeBatch();
            baseOffset = record.offset();
            options = wanted;
        }
        lastMessage = cursor.message();
        builder.appendAt(
                (int) (record.offset() - baseOffset), record.timestampMs(), record.key(), record.value(), List.of());
    }

    private boolean isSameBatch(LegacyCursor cursor, DecodedRecord record) {
        if (cursor.message().isCompressed()) {
            return cursor.message() == lastMessage;
        }
        long size = BatchBuilder.recordSizeBytesMax(
                (long) Math.max(0, record.keySizeBytes()) + Math.max(0, record.valueSizeBytes()), 0, 0);
        return builder.sizeBytes() + size <= batchBytes;
    }

    private static BatchOptions options(LegacyMessage message) {
        BatchOptions plain = BatchOptions.plain(Compression.forBits(message.attributes() & BatchHeader.CODEC_ATTRIBUTES)
                .orElseThrow());
        return message.isLogAppendTime() ? plain.withLogAppendTime(message.timestampMs()) : plain;
    }

    private void closeBatch() {
        if (builder.isEmpty()) {
            return;
        }
        byte[] batch = builder.build(options);
        builder.reset();
        RecordBatch.of(batch).assign(baseOffset, leaderEpoch);
        sink.writeBytes(batch);
    }
}
