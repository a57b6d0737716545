package io.lograft.broker.cluster;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tells which other brokers are live, whenever that changes; none while this broker itself is not. Owned by: metadata
 * loop.
 */
public final class LivePeers implements ImageListener {
    private final BrokerId self;
    private final Consumer<Set<BrokerId>> listener;
    private Set<BrokerId> told = Set.of();

    /** Tells the listener, on the metadata loop. */
    public LivePeers(BrokerId self, Consumer<Set<BrokerId>> listener) {
        this.self = self;
        this.listener = listener;
    }

    @Override
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        Set<BrokerId> live = now.brokers().values().stream()
                .filter(BrokerImage::isLive)
                .map(BrokerImage::id)
                .collect(Collectors.toSet());
        Set<BrokerId> peers = live.remove(self) ? live : Set.of();
        if (!peers.equals(told)) {
            told = Set.copyOf(peers);
            listener.accept(told);
        }
    }
}
