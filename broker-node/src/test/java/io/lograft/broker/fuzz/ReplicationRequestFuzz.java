package io.lograft.broker.fuzz;

/** What a leader gets from a follower, from the bytes to the leader's replica. See {@link FuzzedService}. */
public final class ReplicationRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private ReplicationRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                new FuzzedService(broker.followers().bindService(), broker::settle).call(input);
                broker.checkLogs();
            }
        });
    }
}
