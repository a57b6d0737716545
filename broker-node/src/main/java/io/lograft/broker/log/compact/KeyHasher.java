package io.lograft.broker.log.compact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * SipHash-2-4 with a result of 128 bits. Two keys that hash alike are one key to a compaction, and one of them would lose
 * its value; so the hash takes a secret that is drawn anew for each run: nobody can make such keys on purpose, and by
 * chance they do not happen. Holds the last result; for one thread.
 */
public final class KeyHasher {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long secret0;
    private final long secret1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;
    private long high;
    private long low;

    public KeyHasher(long secret0, long secret1) {
        this.secret0 = secret0;
        this.secret1 = secret1;
    }

    /** Hashes a part of an array; the result is in {@link #high} and {@link #low}. */
    public void hash(byte[] bytes, int position, int size) {
        v0 = secret0 ^ 0x736f6d6570736575L;
        v1 = secret1 ^ 0x646f72616e646f6dL ^ 0xee;
        v2 = secret0 ^ 0x6c7967656e657261L;
        v3 = secret1 ^ 0x7465646279746573L;
        int at = position;
        for (int end = position + (size & ~7); at < end; at += 8) {
            absorb((long) LONG.get(bytes, at));
        }
        long last = (long) size << 56;
        for (int i = 0; i < (size & 7); i++) {
            last |= (bytes[at + i] & 0xffL) << (8 * i);
        }
        absorb(last);
        v2 ^= 0xee;
        low = finish();
        v1 ^= 0xdd;
        high = finish();
    }

    private void absorb(long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    private long finish() {
        for (int i = 0; i < 4; i++) {
            round();
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }

    /** The first eight bytes of the result, least significant first. */
    public long low() {
        return low;
    }

    /** The last eight bytes of the result. */
    public long high() {
        return high;
    }
}
