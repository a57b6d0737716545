package io.lograft.broker.log.compact;

import java.util.ArrayList;
import java.util.List;

/** Decides which neighbouring segments become one. Pure. */
public final class SegmentGroups {
    private SegmentGroups() {}

    /**
     * Ranges of indexes, ascending, that cover all segments: those of a group fit together into one segment as large as
     * they are now, and its offsets into the relative ones of an index.
     */
    public static List<List<SegmentShape>> of(List<SegmentShape> segments, int segmentBytes) {
        List<List<SegmentShape>> groups = new ArrayList<>();
        List<SegmentShape> group = new ArrayList<>();
        long bytes = 0;
        for (SegmentShape segment : segments) {
            boolean fits = group.isEmpty()
                    || (bytes + segment.sizeBytes() <= segmentBytes
                            && segment.nextOffset() - 1 - group.getFirst().baseOffset() <= Integer.MAX_VALUE);
            if (!fits) {
                groups.add(List.copyOf(group));
                group.clear();
                bytes = 0;
            }
            group.add(segment);
            bytes += segment.sizeBytes();
        }
        if (!group.isEmpty()) {
            groups.add(List.copyOf(group));
        }
        return groups;
    }
}
