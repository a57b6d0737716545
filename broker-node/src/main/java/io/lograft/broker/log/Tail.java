package io.lograft.broker.log;

import io.lograft.broker.log.config.TailConfig;
import io.lograft.broker.log.config.TailRoom;
import io.lograft.record.BatchHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The batches appended last, kept in memory so that followers and consumers that are up to date never read the file.
 * Bounded by bytes and by age, and by the room that all logs share. Owned by the partition loop; other threads search a {@link View}.
 *
 * <p>Slots of the array are written once, before a view that covers them is published. A dropped slot is set to null,
 * which readers of older views may or may not see: null sends them to the file.
 */
final class Tail {

    /** One append: one or more whole batches. Readers duplicate the buffer before they move its position. */
    record Entry(long baseOffset, long nextOffset, ByteBuffer bytes, long appendedMs) {
        static Entry of(List<BatchHeader> batches, ByteBuffer bytes, long appendedMs) {
            return new Entry(batches.getFirst().baseOffset(), batches.getLast().nextOffset(), bytes, appendedMs);
        }
    }

    private static final int FIRST_SLOTS = 16;
    private static final Entry[] NO_SLOTS = new Entry[0];

    private final int bytesMax;
    private final TailRoom room;
    private Entry[] slots = NO_SLOTS;
    private int from;
    private int to;
    private long sizeBytes;

    Tail(TailConfig config) {
        this.bytesMax = config.bytesMax();
        this.room = config.room();
    }

    void append(Entry entry) {
        int size = entry.bytes().remaining();
        if (!takeRoom(size)) {
            clear();
            return;
        }
        if (to == slots.length) {
            makeRoom();
        }
        slots[to++] = entry;
        sizeBytes += size;
        while (sizeBytes > bytesMax) {
            dropFirst();
        }
    }

    /** Makes room by what this log has in memory, where other logs have left none. */
    private boolean takeRoom(int size) {
        if (size > bytesMax) {
            return false;
        }
        boolean isTaken = room.take(size);
        while (!isTaken && from < to) {
            dropFirst();
            isTaken = room.take(size);
        }
        return isTaken;
    }

    private void makeRoom() {
        int count = to - from;
        Entry[] roomier = new Entry[Math.max(FIRST_SLOTS, count * 2)];
        System.arraycopy(slots, from, roomier, 0, count);
        slots = roomier;
        from = 0;
        to = count;
    }

    /** Drops what was appended before this time; true if there was anything in memory. */
    boolean expire(long beforeMs) {
        boolean hasAny = slots.length > 0;
        while (from < to && slots[from].appendedMs() < beforeMs) {
            dropFirst();
        }
        if (from == to) {
            clear();
        }
        return hasAny;
    }

    void clear() {
        room.giveBack(sizeBytes);
        slots = NO_SLOTS;
        from = 0;
        to = 0;
        sizeBytes = 0;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    private void dropFirst() {
        int size = slots[from].bytes().remaining();
        sizeBytes -= size;
        room.giveBack(size);
        slots[from++] = null;
    }

    View view() {
        return new View(slots, from, to);
    }

    /** What readers see of the tail at one moment. */
    static final class View {
        static final View EMPTY = new View(new Entry[0], 0, 0);

        private final Entry[] slots;
        private final int from;
        private final int to;

        private View(Entry[] slots, int from, int to) {
            this.slots = slots;
            this.from = from;
            this.to = to;
        }

        /** Index of the entry that holds the offset, -1 if it is not in memory. */
        int find(long offset) {
            int low = from;
            int high = to - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                Entry entry = slots[middle];
                if (entry == null || entry.nextOffset() <= offset) {
                    low = middle + 1;
                } else if (entry.baseOffset() > offset) {
                    high = middle - 1;
                } else {
                    return middle;
                }
            }
            return -1;
        }

        /** The entry at an index from {@link #find} or one that follows it; null at the end, or when it was dropped. */
        Entry at(int index) {
            return index < to ? slots[index] : null;
        }

        @Override
        public String toString() {
            return Arrays.toString(Arrays.copyOfRange(slots, from, to));
        }
    }
}
