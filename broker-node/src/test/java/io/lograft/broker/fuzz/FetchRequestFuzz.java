package io.lograft.broker.fuzz;

import io.lograft.broker.api.FetchServiceApi;
import io.lograft.broker.api.FetchSession;
import io.lograft.broker.metrics.BrokerMetrics;
import java.util.concurrent.CompletableFuture;

/** What consumers send, from the bytes to the log of a leader and back. See {@link FuzzedService}. */
public final class FetchRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private FetchRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                FetchServiceApi service = new FetchServiceApi(
                        new FetchSession.Environment(
                                broker.registry(),
                                FuzzedBroker.facts(),
                                () -> CompletableFuture.completedFuture(null),
                                BrokerMetrics.NONE),
                        broker.loops());
                new FuzzedService(service.bindService(), broker::settle).call(input);
            }
        });
    }
}
