package io.lograft.broker.api;

import io.lograft.broker.api.offsets.LeaderOffsets;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedService;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What clients ask about the cluster and its logs, from the bytes to the image and the leader. See {@link FuzzedService}. */
public final class MetadataRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private MetadataRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                new FuzzedService(service(broker).bindService(), broker::settle).call(input);
            }
        });
    }

    private static MetadataServiceApi service(FuzzedBroker broker) {
        ClusterFixture cluster = new ClusterFixture();
        cluster.topic("orders", 2);
        FuzzChecks.check(cluster.image().topic(FuzzedBroker.TOPIC).isPresent(), "a topic that the broker has a log of");
        LeaderOffsets offsets = new LeaderOffsets(
                broker.registry(), FuzzedBroker.facts(), () -> CompletableFuture.completedFuture(null), broker.loop());
        return new MetadataServiceApi(
                cluster,
                new MetadataWatches(cluster, broker.loop()),
                offsets,
                new LogStates(cluster.self(), offsets, other -> Optional.empty()));
    }
}
