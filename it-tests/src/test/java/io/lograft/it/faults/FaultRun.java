package io.lograft.it.faults;

import io.lograft.client.Lograft;
import io.lograft.it.load.RecordLoad;
import java.time.Duration;

/** One fault under a load, from the whole cluster to the whole cluster. */
record FaultRun(FaultKind kind, int victim, Duration pause, Duration heal) {
    private static final long PROGRESS_RECORDS = 500;

    /** Begins the fault, lets it last, takes it back, and waits until the cluster is whole and writing goes on. */
    static FaultRun run(Faults faults, FaultKind kind, Lograft cluster, RecordLoad load, Duration healMax) {
        load.beginWindow();
        int victim = faults.begin(kind);
        Faults.pause(Faults.duration(kind));
        long ended = System.nanoTime();
        faults.end(kind, victim);
        load.awaitAcknowledged(load.acknowledgedCount() + PROGRESS_RECORDS, healMax);
        Faults.awaitHealth(cluster, healMax);
        load.check();
        return new FaultRun(kind, victim, load.longestPause(), Duration.ofNanos(System.nanoTime() - ended));
    }

    @Override
    public String toString() {
        return "%s (broker %d): longest time without an acknowledgement in a partition %d ms, whole %d ms after its end"
                .formatted(kind.text(), victim, pause.toMillis(), heal.toMillis());
    }
}
