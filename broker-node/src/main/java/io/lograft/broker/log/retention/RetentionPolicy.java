package io.lograft.broker.log.retention;

import io.lograft.broker.log.config.RetentionConfig;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decides where a log is to start. Goes from the oldest segment to the newest and stops at the first one that is to be
 * kept; never beyond the high watermark, and to the end of the segment that is written to only where that is old itself.
 *
 * <p>The age of a segment is that of its greatest record timestamp. Clocks of producers may be wrong:
 *
 * <ul>
 *   <li>A timestamp that lies in the future is not believed. The time of the last append takes its place, else the segment
 *       would stay for as long as that clock was ahead.
 *   <li>A timestamp that lies long ago is believed only {@link #GRACE_MS} after the last append (or the retention time,
 *       where that is less), so that what was just written, be it by a clock that stands in 1970 or by a program that
 *       copies old records, can be read before it goes.
 * </ul>
 *
 * <p>The broker's own clock may have been wrong when it appended. Segments are written one after the other, so none was
 * written to later than one behind it.
 */
public final class RetentionPolicy {
    /** So long a segment stays in any case after it was written to, unless the retention time is shorter. */
    public static final long GRACE_MS = 24L * 60 * 60 * 1000;

    private RetentionPolicy() {}

    /**
     * Where the log is to start; its present start where nothing is to go.
     *
     * @param segments all segments, the oldest first and the one that is written to last; at least one
     * @param nowMs the time; empty where it is not to be trusted, and nothing goes for its age
     */
    public static long logStart(
            List<RetainedSegment> segments, RetentionConfig retention, long highWatermark, OptionalLong nowMs) {
        long start = segments.getFirst().baseOffset();
        long sizeBytes = segments.stream().mapToLong(RetainedSegment::sizeBytes).sum();
        long[] lastAppends = lastAppends(segments);
        for (int i = 0; i < segments.size(); i++) {
            RetainedSegment segment = segments.get(i);
            boolean isActive = i == segments.size() - 1;
            boolean isSurplus =
                    retention.bytes() >= 0 && !isActive && sizeBytes - segment.sizeBytes() >= retention.bytes();
            boolean isOld = retention.ms() >= 0
                    && nowMs.isPresent()
                    && isOld(segment, lastAppends[i], retention.ms(), nowMs.getAsLong());
            boolean isEmpty = segment.nextOffset() == segment.baseOffset();
            if (isEmpty || segment.nextOffset() > highWatermark || !(isSurplus || isOld)) {
                break;
            }
            start = segment.nextOffset();
            sizeBytes -= segment.sizeBytes();
        }
        return start;
    }

    /** For each segment the latest time at which it can have been written to. */
    private static long[] lastAppends(List<RetainedSegment> segments) {
        long[] latest = new long[segments.size()];
        long bound = Long.MAX_VALUE;
        for (int i = latest.length - 1; i >= 0; i--) {
            RetainedSegment segment = segments.get(i);
            if (segment.sizeBytes() > 0) {
                bound = Math.min(bound, segment.lastAppendMs());
            }
            latest[i] = bound;
        }
        return latest;
    }

    private static boolean isOld(RetainedSegment segment, long lastAppendMs, long retentionMs, long nowMs) {
        boolean isBelievable = segment.maxTimestampMs() >= 0 && segment.maxTimestampMs() <= nowMs;
        long newestMs = isBelievable ? segment.maxTimestampMs() : lastAppendMs;
        return nowMs - newestMs >= retentionMs && nowMs - lastAppendMs >= Math.min(retentionMs, GRACE_MS);
    }
}
