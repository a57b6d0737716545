package io.lograft.it.load;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of every record: whether it was acknowledged, where, and where a consumer saw it. Also the times between
 * acknowledgements. 17 bytes a record. For many threads: one lock.
 */
final class Ledger {
    // What became of a record; with several producers, numbers near the end may stay unused.
    static final byte NOT_SENT = 0;
    static final byte PENDING = 1;
    static final byte ACKNOWLEDGED = 2;
    static final byte FAILED = 3;

    private static final int CHUNK_BITS = 16;
    private static final int CHUNK = 1 << CHUNK_BITS;

    private final List<byte[]> outcomes = new ArrayList<>();
    /** Places are kept plus one, so that 0 means none. */
    private final List<long[]> acknowledgedAt = new ArrayList<>();

    private final List<long[]> seenAt = new ArrayList<>();
    private final AckPauses pauses;
    private int end;
    private volatile long acknowledgedCount;
    private long failedCount;
    private long seenCount;
    private String firstFailure = "none";

    Ledger(int partitions) {
        pauses = new AckPauses(partitions, System.nanoTime());
    }

    /** A place in the topic as one number. */
    static long place(int partition, long offset) {
        return ((long) partition << 48) | offset;
    }

    static String text(long place) {
        return place < 0 ? "nowhere" : (place >>> 48) + "@" + (place & 0xFFFF_FFFF_FFFFL);
    }

    synchronized void sending(int number) {
        while (number >> CHUNK_BITS >= outcomes.size()) {
            outcomes.add(new byte[CHUNK]);
            acknowledgedAt.add(new long[CHUNK]);
            seenAt.add(new long[CHUNK]);
        }
        outcomes.get(number >> CHUNK_BITS)[number & CHUNK - 1] = PENDING;
        end = Math.max(end, number + 1);
    }

    /** The offset is -1 where the leader no longer knew it. */
    synchronized void acknowledged(int number, int partition, long offset) {
        outcomes.get(number >> CHUNK_BITS)[number & CHUNK - 1] = ACKNOWLEDGED;
        acknowledgedAt.get(number >> CHUNK_BITS)[number & CHUNK - 1] = offset < 0 ? 0 : place(partition, offset) + 1;
        acknowledgedCount++;
        pauses.acknowledged(partition, System.nanoTime());
    }

    synchronized void failed(int number, String reason) {
        outcomes.get(number >> CHUNK_BITS)[number & CHUNK - 1] = FAILED;
        firstFailure = failedCount == 0 ? reason : firstFailure;
        failedCount++;
    }

    /** A consumer saw a record. Returns what is wrong with that, null for nothing. */
    synchronized String seen(int number, long place) {
        if (number >= end) {
            return "record " + number + " was never sent, but is at " + text(place);
        }
        long[] places = seenAt.get(number >> CHUNK_BITS);
        long before = places[number & CHUNK - 1] - 1;
        if (before >= 0 && before != place) {
            return "record " + number + " was seen at " + text(before) + ", now it is at " + text(place);
        }
        long acknowledged = acknowledgedAt(number);
        if (acknowledged >= 0 && acknowledged != place) {
            return "record " + number + " was acknowledged at " + text(acknowledged) + ", but is at " + text(place);
        }
        seenCount += before < 0 ? 1 : 0;
        places[number & CHUNK - 1] = place + 1;
        return null;
    }

    /** Numbers below this one were sent, but for a few at the end where producers differ. */
    synchronized int end() {
        return end;
    }

    /** One of the constants of this class. */
    synchronized byte outcome(int number) {
        return outcomes.get(number >> CHUNK_BITS)[number & CHUNK - 1];
    }

    /** Where a record was acknowledged; -1 where that is not known. */
    synchronized long acknowledgedAt(int number) {
        return acknowledgedAt.get(number >> CHUNK_BITS)[number & CHUNK - 1] - 1;
    }

    /** Where a consumer saw a record; -1 where none did. */
    synchronized long seenAt(int number) {
        return seenAt.get(number >> CHUNK_BITS)[number & CHUNK - 1] - 1;
    }

    long acknowledgedCount() {
        return acknowledgedCount;
    }

    synchronized long failedCount() {
        return failedCount;
    }

    synchronized long seenCount() {
        return seenCount;
    }

    synchronized String firstFailure() {
        return firstFailure;
    }

    synchronized void beginWindow() {
        pauses.begin(System.nanoTime());
    }

    /** Nanoseconds of the longest time without an acknowledgement in one partition since {@link #beginWindow}. */
    synchronized long longestPauseNs() {
        return pauses.longestNs(System.nanoTime());
    }

    /** Nanoseconds of the longest time without an acknowledgement in any partition, of all the time. */
    synchronized long longestSilenceNs() {
        return pauses.longestSilenceNs();
    }
}
