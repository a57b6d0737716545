package io.lograft.record;

/**
 * A position in an array, read forward as zigzag varints and runs of bytes. It never reads past its limit and never
 * throws: whatever does not fit makes {@link #isBroken} true for good, and reads as 0.
 */
final class VarintInput {

    private final byte[] bytes;
    private int position;
    private int limit;
    private boolean broken;

    VarintInput(byte[] bytes, int position, int limit) {
        this.bytes = bytes;
        this.position = position;
        this.limit = limit;
    }

    int position() {
        return position;
    }

    int remaining() {
        return limit - position;
    }

    boolean isBroken() {
        return broken;
    }

    /** Moves the limit, which must not lie before the position or behind the end of the array. */
    void limit(int newLimit) {
        limit = newLimit;
    }

    /** A signed number of at most 5 bytes. */
    int varint() {
        // Nearly all numbers of a record take one byte.
        if (position < limit && bytes[position] >= 0) {
            int one = bytes[position++];
            return (one >>> 1) ^ -(one & 1);
        }
        long raw = raw(28);
        if (raw >>> 32 != 0) {
            broken = true;
            return 0;
        }
        int low = (int) raw;
        return (low >>> 1) ^ -(low & 1);
    }

    /** A signed number of at most 10 bytes. */
    long varlong() {
        if (position < limit && bytes[position] >= 0) {
            long one = bytes[position++];
            return (one >>> 1) ^ -(one & 1);
        }
        long raw = raw(63);
        return (raw >>> 1) ^ -(raw & 1);
    }

    /** Passes over {@code size} bytes, where -1 stands for null and takes none. */
    void skip(int size) {
        if (size < -1 || size > limit - position) {
            broken = true;
        } else if (size > 0) {
            position += size;
        }
    }

    private long raw(int shiftMax) {
        long value = 0;
        for (int shift = 0; shift <= shiftMax && position < limit; shift += 7) {
            byte next = bytes[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        broken = true;
        return 0;
    }
}
