package io.lograft.cli.perf;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Values that prove themselves: the id of the run (4 bytes), the record's sequence number in the run (8), bytes that no
 * codec can make smaller, derived from both, and a CRC-32C over all that (4). Big-endian. Not thread-safe: it reuses its
 * checksum.
 */
final class PerfPayload {
    /** Smallest value with room for all of it. */
    static final int SIZE_BYTES_MIN = 16;

    private static final int SEQUENCE_AT = 4;
    private static final int FILL_AT = 12;
    private static final int CRC_BYTES = 4;

    private final CRC32C crc = new CRC32C();

    /** Fills the whole array, which has at least {@link #SIZE_BYTES_MIN} bytes. */
    void write(int runId, long sequence, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        int crcAt = value.length - CRC_BYTES;
        bytes.putInt(0, runId).putLong(SEQUENCE_AT, sequence);
        long state = seed(runId, sequence);
        int at = FILL_AT;
        for (; at + Long.BYTES <= crcAt; at += Long.BYTES) {
            state = next(state);
            bytes.putLong(at, state);
        }
        state = next(state);
        for (; at < crcAt; at++) {
            bytes.put(at, (byte) state);
            state >>>= Byte.SIZE;
        }
        crc.reset();
        crc.update(value, 0, crcAt);
        bytes.putInt(crcAt, (int) crc.getValue());
    }

    /** True if every byte between the buffer's position and limit is as {@link #write} leaves it. */
    boolean isIntact(ByteBuffer value) {
        int from = value.position();
        int size = value.remaining();
        if (size < SIZE_BYTES_MIN) {
            return false;
        }
        int crcAt = value.limit() - CRC_BYTES;
        crc.reset();
        crc.update(value.duplicate().limit(crcAt));
        return value.getInt(crcAt) == (int) crc.getValue() && isFillIntact(value, from, crcAt);
    }

    private static boolean isFillIntact(ByteBuffer value, int from, int crcAt) {
        long state = seed(runId(value), sequence(value));
        int at = from + FILL_AT;
        for (; at + Long.BYTES <= crcAt; at += Long.BYTES) {
            state = next(state);
            if (value.getLong(at) != state) {
                return false;
            }
        }
        state = next(state);
        for (; at < crcAt; at++) {
            if (value.get(at) != (byte) state) {
                return false;
            }
            state >>>= Byte.SIZE;
        }
        return true;
    }

    /** The run that an intact value belongs to. */
    static int runId(ByteBuffer value) {
        return value.getInt(value.position());
    }

    /** The sequence number of an intact value. */
    static long sequence(ByteBuffer value) {
        return value.getLong(value.position() + SEQUENCE_AT);
    }

    private static long seed(int runId, long sequence) {
        long mixed = (((long) runId << 32) ^ sequence) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        return (mixed ^ (mixed >>> 27)) | 1L;
    }

    /** One step of Marsaglia's xorshift, which never leaves a state other than zero for zero. */
    private static long next(long state) {
        long shifted = state ^ (state << 13);
        shifted ^= shifted >>> 7;
        return shifted ^ (shifted << 17);
    }
}
