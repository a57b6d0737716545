package io.lograft.broker.log;

import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Finds records by their time in one view of a log. Stateless. */
final class LogTimes {
    private LogTimes() {}

    /** The first record below the end and not below the log start with this timestamp or a later one. */
    static Optional<PartitionLog.OffsetAndTime> find(LogView view, long timestampMs, long endOffsetExclusive)
            throws IOException {
        long end = Math.min(endOffsetExclusive, view.logEndOffset());
        for (int i = view.segmentOf(view.logStartOffset()); i < view.segmentCount(); i++) {
            Segment.View segment = view.segment(i);
            if (segment.baseOffset() >= end) {
                break;
            }
            if (segment.maxTimestampMs() >= timestampMs) {
                var found = findIn(segment, timestampMs, view.logStartOffset(), end);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<PartitionLog.OffsetAndTime> findIn(
            Segment.View segment, long timestampMs, long startOffset, long end) throws IOException {
        // All batches up to the offset in an entry have a timestamp of the entry's or an earlier one.
        int entry = segment.times().floor(timestampMs - 1);
        long from = entry < 0
                ? segment.baseOffset()
                : segment.baseOffset() + segment.times().value(entry);
        BatchScanner scanner = segment.seek(Math.max(from, startOffset));
        do {
            if (scanner.header().baseOffset() >= end) {
                return Optional.empty();
            }
            if (scanner.header().maxTimestampMs() >= timestampMs
                    && scanner.header().lastOffset() >= startOffset) {
                var found = findInBatch(segment, scanner, timestampMs, startOffset, end);
                if (found.isPresent()) {
                    return found;
                }
            }
        } while (scanner.nextHeader());
        return Optional.empty();
    }

    private static Optional<PartitionLog.OffsetAndTime> findInBatch(
            Segment.View segment, BatchScanner scanner, long timestampMs, long startOffset, long end)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(scanner.header().sizeBytes());
        segment.log().read(bytes, scanner.position());
        RecordCursor records = RecordBatch.at(bytes, 0).records();
        while (records.advance()) {
            long offset = records.record().offset();
            if (offset >= startOffset && offset < end && records.record().timestampMs() >= timestampMs) {
                return Optional.of(
                        new PartitionLog.OffsetAndTime(offset, records.record().timestampMs()));
            }
        }
        if (records.fault().isPresent()) {
            throw new CorruptLogException(
                    segment.log().path(),
                    scanner.position(),
                    scanner.header().baseOffset(),
                    records.fault().get().toString());
        }
        return Optional.empty();
    }
}
