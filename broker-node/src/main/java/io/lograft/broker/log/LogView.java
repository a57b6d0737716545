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
 * @param sealed all segments but the last, ascending
 * @param sealedBytes their size
 */
record LogView(
        long truncations,
        long logStartOffset,
        long logEndOffset,
        long flushedOffset,
        List<Segment.View> sealed,
        long sealedBytes,
        Segment.View active,
        Tail.View tail,
        EpochHistory epochs,
        FlushMode flushMode) {

    /** What is left before a truncation changes the files: less than this view, and nothing from memory. */
    LogView cut(long nextTruncations, long startOffset, long endOffset, int keptSegment) {
        return new LogView(
                nextTruncations,
                startOffset,
                endOffset,
                Math.min(flushedOffset, endOffset),
                sealed.subList(0, Math.min(keptSegment, sealed.size())),
                sealedBytes,
                segment(keptSegment),
                Tail.View.EMPTY,
                epochs.truncatedTo(endOffset),
                flushMode);
    }

    int segmentCount() {
        return sealed.size() + 1;
    }

    Segment.View segment(int index) {
        return index < sealed.size() ? sealed.get(index) : active;
    }

    /** Index of the segment that holds the offset, or will hold it; the offset is not below the first segment. */
    int segmentOf(long offset) {
        if (offset >= active.baseOffset()) {
            return sealed.size();
        }
        int low = 0;
        int high = sealed.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (sealed.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Bytes in the {@code .log} files. */
    long sizeBytes() {
        return sealedBytes + active.sizeBytes();
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
