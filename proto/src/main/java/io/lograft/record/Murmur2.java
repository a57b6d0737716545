package io.lograft.record;

/**
 * The hash that gives a record with a key its partition: 32-bit MurmurHash2 with the seed of Kafka's Java client, so
 * that both clients put equal keys into equal partitions. Test vectors: {@code docs/format/record-batch.md}.
 */
public final class Murmur2 {

    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Murmur2() {}

    /** The hash of all bytes of the array. */
    public static int hash(byte[] bytes) {
        int hash = SEED ^ bytes.length;
        int whole = bytes.length & ~3;
        for (int at = 0; at < whole; at += 4) {
            int word = (bytes[at] & 0xff)
                    | (bytes[at + 1] & 0xff) << 8
                    | (bytes[at + 2] & 0xff) << 16
                    | (bytes[at + 3] & 0xff) << 24;
            word *= MULTIPLIER;
            word ^= word >>> SHIFT;
            word *= MULTIPLIER;
            hash = hash * MULTIPLIER ^ word;
        }
        for (int at = bytes.length - 1; at >= whole; at--) {
            hash ^= (bytes[at] & 0xff) << (8 * (at - whole));
        }
        if (whole < bytes.length) {
            hash *= MULTIPLIER;
        }
        hash ^= hash >>> 13;
        hash *= MULTIPLIER;
        return hash ^ hash >>> 15;
    }

    /** The partition of a key, from 0 to {@code partitionCount - 1}: the hash without its sign bit, modulo the count. */
    public static int partition(byte[] key, int partitionCount) {
        if (partitionCount <= 0) {
            throw new IllegalArgumentException("a topic has at least one partition, not " + partitionCount);
        }
        return (hash(key) & Integer.MAX_VALUE) % partitionCount;
    }
}
