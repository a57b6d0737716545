package io.lograft.cli.perf;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Checks the values that {@code perf produce} wrote: each is intact, comes once, and in the order of sending in its
 * partition; none is missing up to the last one seen of its run. Pure; not thread-safe. One bit of memory a record.
 */
final class PayloadAudit {
    private final PerfPayload payload = new PerfPayload();
    private final int partitionCount;
    private final Map<Integer, Run> runs = new LinkedHashMap<>();
    private long corrupt;
    private long duplicates;
    private long outOfOrder;

    /** One run of {@code perf produce}. */
    private static final class Run {
        private final BitSet seen = new BitSet();
        private final long[] last;

        private Run(int partitionCount) {
            last = new long[partitionCount];
            Arrays.fill(last, -1);
        }
    }

    PayloadAudit(int partitionCount) {
        this.partitionCount = partitionCount;
    }

    /** Takes the value of the next record of a partition; null for a tombstone, which is no value of ours. */
    void read(int partition, ByteBuffer value) {
        if (value == null || !payload.isIntact(value) || !isCountable(PerfPayload.sequence(value))) {
            corrupt++;
            return;
        }
        Run run = runs.computeIfAbsent(PerfPayload.runId(value), id -> new Run(partitionCount));
        long sequence = PerfPayload.sequence(value);
        if (run.seen.get((int) sequence)) {
            duplicates++;
        }
        run.seen.set((int) sequence);
        if (sequence < run.last[partition]) {
            outOfOrder++;
        }
        run.last[partition] = Math.max(sequence, run.last[partition]);
    }

    private static boolean isCountable(long sequence) {
        return sequence >= 0 && sequence < Integer.MAX_VALUE;
    }

    /** Values that are not as any run wrote them. */
    long corrupt() {
        return corrupt;
    }

    /** Values that had been read before. */
    long duplicates() {
        return duplicates;
    }

    /** Values that stood behind a later one of the same run and partition. */
    long outOfOrder() {
        return outOfOrder;
    }

    /** Sequence numbers that were not seen although a later one of the run was; of use once everything was read. */
    long missing() {
        return runs.values().stream()
                .mapToLong(run -> run.seen.length() - (long) run.seen.cardinality())
                .sum();
    }

    /** How many runs of {@code perf produce} the values come from. */
    int runCount() {
        return runs.size();
    }

    /** True if nothing is wrong with what was read; {@link #missing} is another question. */
    boolean isClean() {
        return corrupt == 0 && duplicates == 0 && outOfOrder == 0;
    }
}
