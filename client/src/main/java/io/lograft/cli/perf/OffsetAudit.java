package io.lograft.cli.perf;

/** Checks that the offsets read of each partition are dense: none left out, none twice. Pure; not thread-safe. */
final class OffsetAudit {
    private final long[] next;
    private long left;
    private long repeated;

    /** Expects the offsets in {@code next} first, one for each partition. */
    OffsetAudit(long[] next) {
        this.next = next.clone();
    }

    /** Takes the next record of a partition. */
    void read(int partition, long offset) {
        if (offset < next[partition]) {
            repeated++;
            return;
        }
        left += offset - next[partition];
        next[partition] = offset + 1;
    }

    /** How many offsets were left out. */
    long leftOut() {
        return left;
    }

    /** How many records came again, or behind a later one. */
    long repeated() {
        return repeated;
    }
}
