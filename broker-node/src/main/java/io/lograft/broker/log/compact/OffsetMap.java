package io.lograft.broker.log.compact;

/**
 * The newest offset of each key, in an array of fixed size: 24 bytes a slot, the hash of the key in place of the key. An
 * open-addressed table that takes keys until nine tenths of its slots are used. For one thread.
 */
public final class OffsetMap {
    /** Bytes that one key takes. */
    public static final int SLOT_BYTES = 24;

    private static final int LONGS_PER_SLOT = SLOT_BYTES / Long.BYTES;
    private static final int SLOTS_MAX = Integer.MAX_VALUE / LONGS_PER_SLOT - 8;

    private final long[] table;
    private final int slots;
    private final int keysMax;
    private int count;

    /**
     * Makes an empty one.
     *
     * @param bytes size of the table; at least two slots
     */
    public OffsetMap(long bytes) {
        this.slots = Math.clamp(bytes / SLOT_BYTES, 2, SLOTS_MAX);
        this.keysMax = Math.max(1, (int) (slots * 0.9));
        this.table = new long[slots * LONGS_PER_SLOT];
    }

    /** How many bytes a table needs for so many keys. */
    public static long bytesFor(long keys) {
        return (keys + keys / 8 + 2) * SLOT_BYTES;
    }

    /** Takes note of a key's offset, which is above all noted before. False, and nothing changes, if there is no room. */
    public boolean put(KeyHasher key, long offset) {
        int at = find(key);
        if (isFree(at)) {
            if (count == keysMax) {
                return false;
            }
            count++;
            table[at] = key.low();
            table[at + 1] = key.high();
        }
        table[at + 2] = offset + 1;
        return true;
    }

    /** The newest offset of a key, -1 if it has none. */
    public long get(KeyHasher key) {
        return table[find(key) + 2] - 1;
    }

    private int find(KeyHasher key) {
        int slot = (int) Long.remainderUnsigned(key.low(), slots);
        while (true) {
            int at = slot * LONGS_PER_SLOT;
            if (isFree(at) || (table[at] == key.low() && table[at + 1] == key.high())) {
                return at;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
    }

    /** Offsets are kept plus one, so that a slot that holds none is zero. */
    private boolean isFree(int at) {
        return table[at + 2] == 0;
    }

    public int count() {
        return count;
    }

    public int keysMax() {
        return keysMax;
    }
}
