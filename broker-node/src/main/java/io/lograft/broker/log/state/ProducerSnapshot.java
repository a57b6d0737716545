package io.lograft.broker.log.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The layout of a producer snapshot file, which is Kafka's version 1. Where Kafka writes the last batch of a producer,
 * this writes up to five entries, the oldest first; a reader that keeps the last one sees what Kafka would have written. A
 * {@link SegmentSummary} may follow; Kafka's reader takes its bytes into the checksum and does not look at them otherwise.
 */
public final class ProducerSnapshot {
    private static final short VERSION = 1;
    private static final int CRC_POSITION = 2;
    private static final int ENTRIES_POSITION = 6;
    private static final int ENTRY_BYTES = 46;
    private static final int NO_COORDINATOR_EPOCH = -1;
    private static final long NO_TRANSACTION = -1;

    private ProducerSnapshot() {}

    /** Without a summary. */
    public static byte[] encode(List<ProducerStates.Entry> entries) {
        return encode(entries, Optional.empty());
    }

    public static byte[] encode(List<ProducerStates.Entry> entries, Optional<SegmentSummary> summary) {
        List<ProducerStates.Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(ProducerStates.Entry::producerId)
                .thenComparingLong(ProducerStates.Entry::lastOffset));
        int trailerBytes = summary.isPresent() ? SegmentSummary.SIZE_BYTES : 0;
        ByteBuffer buffer = ByteBuffer.allocate(ENTRIES_POSITION + 4 + sorted.size() * ENTRY_BYTES + trailerBytes);
        buffer.putShort(VERSION).putInt(0).putInt(sorted.size());
        for (ProducerStates.Entry entry : sorted) {
            buffer.putLong(entry.producerId())
                    .putShort(entry.epoch())
                    .putInt(entry.lastSequence())
                    .putLong(entry.lastOffset())
                    .putInt(entry.lastOffsetDelta())
                    .putLong(entry.appendedMs())
                    .putInt(NO_COORDINATOR_EPOCH)
                    .putLong(NO_TRANSACTION);
        }
        summary.ifPresent(known -> known.encode(buffer));
        buffer.putInt(CRC_POSITION, crc(buffer.array()));
        return buffer.array();
    }

    /** Empty if the bytes are damaged. */
    public static Optional<List<ProducerStates.Entry>> decode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        boolean hasHeader = bytes.length >= ENTRIES_POSITION + 4
                && buffer.getShort(0) == VERSION
                && buffer.getInt(CRC_POSITION) == crc(bytes);
        if (!hasHeader) {
            return Optional.empty();
        }
        int count = buffer.getInt(ENTRIES_POSITION);
        long trailerBytes = bytes.length - (ENTRIES_POSITION + 4 + (long) count * ENTRY_BYTES);
        if (count < 0 || (trailerBytes != 0 && trailerBytes != SegmentSummary.SIZE_BYTES)) {
            return Optional.empty();
        }
        buffer.position(ENTRIES_POSITION + 4);
        List<ProducerStates.Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(decodeEntry(buffer));
        }
        return Optional.of(entries);
    }

    private static ProducerStates.Entry decodeEntry(ByteBuffer buffer) {
        long producerId = buffer.getLong();
        short epoch = buffer.getShort();
        int lastSequence = buffer.getInt();
        long lastOffset = buffer.getLong();
        int delta = buffer.getInt();
        long appendedMs = buffer.getLong();
        buffer.getInt();
        buffer.getLong();
        int firstSequence = (lastSequence - delta) & Integer.MAX_VALUE;
        return new ProducerStates.Entry(producerId, epoch, firstSequence, lastSequence, lastOffset, appendedMs);
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, ENTRIES_POSITION, bytes.length - ENTRIES_POSITION);
        return (int) crc.getValue();
    }
}
