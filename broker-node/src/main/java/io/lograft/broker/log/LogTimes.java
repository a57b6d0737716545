package io.lograft.broker.log;

import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.record.BatchHeader;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds records by their time in one view of a log, between its start and an end. For one search, on one thread.
 *
 * <p>Index entries only say where to begin: every batch from there on is verified before anything in it counts, and
 * entries that do not fit each other or the batches are not believed. So what a disk has changed costs a walk through a
 * segment, or is reported as damage, but never leads to a wrong record.
 */
final class LogTimes {
    private final LogView view;
    private final long start;
    private final long end;

    private LogTimes(LogView view, long endOffsetExclusive) {
        this.view = view;
        this.start = view.logStartOffset();
        this.end = Math.min(endOffsetExclusive, view.logEndOffset());
    }

    /** The first record below the end and not below the log start with this timestamp or a later one. */
    static Optional<OffsetAndTime> find(LogView view, long timestampMs, long endOffsetExclusive) throws IOException {
        return new LogTimes(view, endOffsetExclusive).first(timestampMs);
    }

    /** The record with the greatest timestamp below the end and not below the log start, the first of them. */
    static Optional<OffsetAndTime> findGreatest(LogView view, long endOffsetExclusive) throws IOException {
        return new LogTimes(view, endOffsetExclusive).greatest();
    }

    private List<Segment.View> segments() {
        List<Segment.View> segments = new ArrayList<>();
        for (int i = view.segmentOf(start); i < view.segmentCount(); i++) {
            if (view.segment(i).baseOffset() < end) {
                segments.add(view.segment(i));
            }
        }
        return segments;
    }

    private Optional<OffsetAndTime> first(long timestampMs) throws IOException {
        for (Segment.View segment : segments()) {
            if (segment.maxTimestampMs() >= timestampMs) {
                var found = firstIn(segment, timestampMs);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<OffsetAndTime> firstIn(Segment.View segment, long timestampMs) throws IOException {
        Walk walk = new Walk(segment, walkFrom(segment, entryBelow(segment, timestampMs)));
        while (walk.next()) {
            if (walk.header().maxTimestampMs() >= timestampMs) {
                RecordCursor records = walk.records();
                while (records.advance()) {
                    long offset = records.record().offset();
                    long recordMs = records.record().timestampMs();
                    if (offset >= start && offset < end && recordMs >= timestampMs) {
                        return Optional.of(new OffsetAndTime(offset, recordMs));
                    }
                }
                walk.requireWhole(records);
            }
        }
        return Optional.empty();
    }

    private Optional<OffsetAndTime> greatest() throws IOException {
        List<Segment.View> candidates = segments();
        candidates.sort(Comparator.comparingLong(Segment.View::maxTimestampMs)
                .reversed()
                .thenComparingLong(Segment.View::baseOffset));
        Optional<OffsetAndTime> best = Optional.empty();
        for (Segment.View segment : candidates) {
            // What a segment claims is an upper bound: its greatest may lie below the log start or beyond the end.
            if (best.isPresent() && best.get().timestampMs() > segment.maxTimestampMs()) {
                break;
            }
            best = greater(best, greatestIn(segment));
        }
        return best;
    }

    private static Optional<OffsetAndTime> greater(Optional<OffsetAndTime> one, Optional<OffsetAndTime> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        long difference = one.get().timestampMs() - other.get().timestampMs();
        boolean isFirst = one.get().offset() < other.get().offset();
        return difference > 0 || (difference == 0 && isFirst) ? one : other;
    }

    private Optional<OffsetAndTime> greatestIn(Segment.View segment) throws IOException {
        var claimed = firstIn(segment, segment.maxTimestampMs());
        if (claimed.isPresent()) {
            return claimed;
        }
        // The records behind the last entry below the end are few; they decide unless its batch lies below the start,
        // too.
        int entry = lastEntryBelowEnd(segment);
        if (entry > 0) {
            var late = greatestFrom(segment, walkFrom(segment, entry));
            boolean isDecided = late.isPresent()
                    && late.get().timestampMs() >= segment.times().key(entry);
            if (isDecided) {
                return late;
            }
        }
        return greatestFrom(segment, segment.baseOffset());
    }

    private int lastEntryBelowEnd(Segment.View segment) throws IOException {
        int low = 0;
        int high = segment.times().count() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segment.baseOffset() + segment.times().value(middle) < end) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private Optional<OffsetAndTime> greatestFrom(Segment.View segment, long from) throws IOException {
        Optional<OffsetAndTime> best = Optional.empty();
        Walk walk = new Walk(segment, from);
        while (walk.next()) {
            if (best.isEmpty() || walk.header().maxTimestampMs() > best.get().timestampMs()) {
                RecordCursor records = walk.records();
                while (records.advance()) {
                    long offset = records.record().offset();
                    if (offset >= start && offset < end) {
                        best = greater(
                                best,
                                Optional.of(new OffsetAndTime(
                                        offset, records.record().timestampMs())));
                    }
                }
                walk.requireWhole(records);
            }
        }
        return best;
    }

    /** The last entry below a timestamp: all batches up to the offset in it are older than that. -1 if there is none. */
    private static int entryBelow(Segment.View segment, long timestampMs) throws IOException {
        return timestampMs == Long.MIN_VALUE ? -1 : segment.times().floor(timestampMs - 1);
    }

    /**
     * The offset to begin at so that nothing behind the entry is missed: that of the entry before it, if the two fit each
     * other and the batch there has the time that the entry says; else the segment's start. Of two entries, one of which
     * is damaged, either the other is right, which is enough, or they do not fit.
     */
    private static long walkFrom(Segment.View segment, int entry) throws IOException {
        if (entry < 1) {
            return segment.baseOffset();
        }
        IndexFile.View times = segment.times();
        long beforeMs = times.key(entry - 1);
        long before = segment.baseOffset() + times.value(entry - 1);
        long offset = segment.baseOffset() + times.value(entry);
        boolean isAscending = beforeMs < times.key(entry)
                && segment.baseOffset() <= before
                && before < offset
                && offset < segment.nextOffset();
        if (!isAscending) {
            return segment.baseOffset();
        }
        BatchScanner scanner = segment.seek(before);
        scanner.requireChecksum();
        return scanner.header().maxTimestampMs() == beforeMs ? before : segment.baseOffset();
    }

    /** The verified batches of a segment, from one offset on or from the log start, if that is later, to the end. */
    private final class Walk {
        private final Segment.View segment;
        private final long from;
        private BatchScanner scanner;

        private Walk(Segment.View segment, long from) {
            this.segment = segment;
            this.from = Math.max(from, start);
        }

        boolean next() throws IOException {
            if (scanner == null) {
                if (from >= segment.nextOffset()) {
                    return false;
                }
                scanner = segment.seek(from);
                scanner.requireChecksum();
            } else if (!scanner.nextVerified()) {
                if (scanner.damage() != null) {
                    throw scanner.corruption();
                }
                return false;
            }
            return scanner.header().baseOffset() < end;
        }

        BatchHeader header() {
            return scanner.header();
        }

        RecordCursor records() {
            return RecordBatch.at(scanner.bytes(), 0).records();
        }

        void requireWhole(RecordCursor records) throws CorruptLogException {
            if (records.fault().isPresent()) {
                throw new CorruptLogException(
                        segment.log().path(),
                        scanner.position(),
                        scanner.header().baseOffset(),
                        records.fault().get().toString());
            }
        }
    }
}
