package io.lograft.broker.log;

import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.SegmentInfo;
import io.lograft.model.FlushMode;
import java.util.ArrayList;
import java.util.List;

/**
 * What threads other than the partition's loop see of a log at one moment. Immutable; each change publishes a new one.
 *
 * @param truncations count that changes with every truncation, before the files do: bytes read under another one are not to be
 *     used
 * @param sealed all segments but the last
 */
record LogView(
        long truncations,
        long logStartOffset,
        long logEndOffset,
        long flushedOffset,
        Sealed sealed,
        Segment.View active,
        Tail.View tail,
        EpochHistory epochs,
        FlushMode flushMode) {

    /** The segments that are not written to any more, ascending, and the size of all of them. */
    record Sealed(List<Segment.View> views, long sizeBytes) {
        static Sealed of(List<Segment> segments) {
            return ofViews(segments.subList(0, segments.size() - 1).stream()
                    .map(Segment::view)
                    .toList());
        }

        private Sealed first(int count) {
            return ofViews(views.subList(0, Math.min(count, views.size())));
        }

        private static Sealed ofViews(List<Segment.View> views) {
            return new Sealed(
                    views, views.stream().mapToLong(Segment.View::sizeBytes).sum());
        }
    }

    /** What is left before a truncation changes the files: less than this view, and nothing from memory. */
    LogView cut(long nextTruncations, long startOffset, long endOffset, int keptSegment) {
        return new LogView(
                nextTruncations,
                startOffset,
                endOffset,
                Math.min(flushedOffset, endOffset),
                sealed.first(keptSegment),
                segment(keptSegment),
                Tail.View.EMPTY,
                epochs.truncatedTo(endOffset),
                flushMode);
    }

    int segmentCount() {
        return sealed.views().size() + 1;
    }

    Segment.View segment(int index) {
        return index < sealed.views().size() ? sealed.views().get(index) : active;
    }

    /** Index of the segment that holds the offset, or will hold it; the offset is not below the first segment. */
    int segmentOf(long offset) {
        if (offset >= active.baseOffset()) {
            return sealed.views().size();
        }
        int low = 0;
        int high = sealed.views().size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (sealed.views().get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Bytes in the {@code .log} files. */
    long sizeBytes() {
        return sealed.sizeBytes() + active.sizeBytes();
    }

    List<SegmentInfo> segmentInfos() {
        List<SegmentInfo> infos = new ArrayList<>(segmentCount());
        for (int i = 0; i < segmentCount(); i++) {
            Segment.View s = segment(i);
            infos.add(new SegmentInfo(s.baseOffset(), s.nextOffset(), s.sizeBytes(), s.maxTimestampMs()));
        }
        return infos;
    }
}
