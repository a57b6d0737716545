package io.lograft.broker.log.compact;

import io.lograft.broker.log.config.CompactionConfig;
import java.util.List;

/** Decides how much of a log is dirty, and whether a compaction is due. Pure; as Kafka does it. */
public final class CompactionPolicy {
    private CompactionPolicy() {}

    /**
     * What there is to compact.
     *
     * @param dirtyFrom all below is compacted
     * @param end up to where it may be compacted now; not above {@code dirtyFrom} if there is nothing to do
     * @param cleanBytes size of what is below {@code dirtyFrom}
     * @param dirtyBytes size of what lies between the two offsets
     * @param lagMs age of the oldest record between them, 0 if there is none
     * @param isDue true if it should be done now
     */
    public record Plan(long dirtyFrom, long end, long cleanBytes, long dirtyBytes, long lagMs, boolean isDue) {
        /** Share of the log up to the end that is dirty; 0 for nothing. */
        public double dirtyRatio() {
            long all = cleanBytes + dirtyBytes;
            return all == 0 ? 0 : (double) dirtyBytes / all;
        }
    }

    /**
     * Looks at the closed segments of a log, ascending.
     *
     * @param stableEnd nothing from here on may be touched: not committed, or not on the disk
     * @param cleanedTo all below was compacted before
     */
    public static Plan plan(
            List<SegmentShape> segments, long stableEnd, long cleanedTo, CompactionConfig rules, long nowMs) {
        long end = segments.isEmpty() ? 0 : segments.getFirst().baseOffset();
        long start = Math.max(end, cleanedTo);
        long cleanBytes = 0;
        long dirtyBytes = 0;
        long oldestMs = Long.MAX_VALUE;
        for (SegmentShape segment : segments) {
            boolean isYoung = rules.lagMinMs() > 0 && segment.maxTimestampMs() > nowMs - rules.lagMinMs();
            if (segment.nextOffset() > stableEnd || (isYoung && segment.nextOffset() > start)) {
                break;
            }
            end = segment.nextOffset();
            long clean = cleanPart(segment, start);
            cleanBytes += clean;
            dirtyBytes += segment.sizeBytes() - clean;
            if (segment.nextOffset() > start && segment.firstTimestampMs() >= 0) {
                oldestMs = Math.min(oldestMs, segment.firstTimestampMs());
            }
        }
        long lagMs = oldestMs == Long.MAX_VALUE ? 0 : Math.max(0, nowMs - oldestMs);
        Plan plan = new Plan(start, end, cleanBytes, dirtyBytes, lagMs, false);
        boolean isDue = end > start
                && dirtyBytes > 0
                && (plan.dirtyRatio() > rules.dirtyRatioMin() || lagMs > rules.lagMaxMs());
        return new Plan(start, end, cleanBytes, dirtyBytes, lagMs, isDue);
    }

    /** A compaction with little memory may have stopped within a segment: its bytes are shared out by offsets. */
    private static long cleanPart(SegmentShape segment, long start) {
        long offsets = segment.nextOffset() - segment.baseOffset();
        long below = Math.clamp(start - segment.baseOffset(), 0, Math.max(0, offsets));
        return offsets <= 0 || below == offsets
                ? segment.sizeBytes()
                : (long) ((double) segment.sizeBytes() * below / offsets);
    }
}
