package io.lograft.broker.replica;

import java.util.Arrays;

/** What was sent to a follower and is not acknowledged yet: a ring of end offsets with sizes. Owned by: partition loop. */
final class SendWindow {
    private long[] endOffsets = new long[16];
    private int[] sizes = new int[16];
    private int head;
    private int count;
    private long bytesInFlight;

    void clear() {
        head = 0;
        count = 0;
        bytesInFlight = 0;
    }

    long bytesInFlight() {
        return bytesInFlight;
    }

    void sent(long endOffset, int bytes) {
        if (count == endOffsets.length) {
            grow();
        }
        int slot = (head + count) & (endOffsets.length - 1);
        endOffsets[slot] = endOffset;
        sizes[slot] = bytes;
        count++;
        bytesInFlight += bytes;
    }

    void acknowledged(long logEndOffset) {
        while (count > 0 && endOffsets[head] <= logEndOffset) {
            bytesInFlight -= sizes[head];
            head = (head + 1) & (endOffsets.length - 1);
            count--;
        }
    }

    private void grow() {
        int capacity = endOffsets.length;
        long[] longerOffsets = Arrays.copyOf(endOffsets, capacity * 2);
        int[] longerSizes = Arrays.copyOf(sizes, capacity * 2);
        // What had wrapped around goes behind the old end, so that the ring is in one piece again.
        System.arraycopy(endOffsets, 0, longerOffsets, capacity, head);
        System.arraycopy(sizes, 0, longerSizes, capacity, head);
        endOffsets = longerOffsets;
        sizes = longerSizes;
    }
}
