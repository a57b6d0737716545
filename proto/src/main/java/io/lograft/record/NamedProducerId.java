package io.lograft.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Producer ids and sequences of producers that go by a name which an application chose. Pure.
 *
 * <p>The id is the first 62 bits of the name's SHA-256 with bit 62 set. The ids that the metadata quorum hands out count up
 * from 0 in blocks, so they never get there. A sequence of 46 bits lies in the batch header as producer epoch (the upper
 * 15 bits) and base sequence (the lower 31). Unlike those of other producers such sequences only rise, gaps are allowed,
 * and no epoch fences another one. The records of a batch have consecutive sequences of one epoch.
 */
public final class NamedProducerId {
    /** Characters of a name, at most. */
    public static final int NAME_LENGTH_MAX = 249;

    /** The greatest sequence. */
    public static final long SEQUENCE_MAX = (1L << 46) - 1;

    private static final long MARKER = 1L << 62;
    private static final int EPOCH_SHIFT = 31;

    private NamedProducerId() {}

    /** The id of a name. */
    public static long of(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return MARKER | (ByteBuffer.wrap(hash).getLong() >>> 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** True for the id of a named producer. */
    public static boolean isNamed(long producerId) {
        return producerId >= MARKER;
    }

    /** The producer epoch that a sequence belongs to. */
    public static short epochOf(long sequence) {
        return (short) (sequence >>> EPOCH_SHIFT);
    }

    /** The part of a sequence that stands in the header as base sequence. */
    public static int baseSequenceOf(long sequence) {
        return (int) (sequence & Integer.MAX_VALUE);
    }

    /** A sequence put together from the header's fields. */
    public static long sequence(short epoch, int baseSequence) {
        return ((long) epoch << EPOCH_SHIFT) | baseSequence;
    }

    /** True if a record of this sequence may stand behind the one before it in one batch. */
    public static boolean continues(long sequence, long before) {
        return sequence == before + 1 && baseSequenceOf(sequence) != 0;
    }
}
