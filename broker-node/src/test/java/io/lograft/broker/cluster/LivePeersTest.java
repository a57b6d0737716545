package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LivePeersTest {
    private final List<Set<BrokerId>> told = new ArrayList<>();
    private final LivePeers peers = new LivePeers(new BrokerId(1), told::add);
    private ClusterImage image = ClusterImage.empty();

    @Test
    void tellsOfOthersOnceThisBrokerIsLive() {
        put(2, false);
        put(1, true);
        assertThat(told).isEmpty();
        put(1, false);
        put(3, false);
        assertThat(told).containsExactly(Set.of(new BrokerId(2)), Set.of(new BrokerId(2), new BrokerId(3)));
    }

    @Test
    void whatChangesNothingIsNotTold() {
        put(1, false);
        put(2, false);
        put(2, false);
        assertThat(told).hasSize(1);
        put(2, true);
        assertThat(told).endsWith(Set.of());
    }

    private void put(int broker, boolean fenced) {
        ClusterImage before = image;
        image = before.apply(
                before.index() + 1,
                List.of(new MetadataRecord.BrokerRecord(
                        new BrokerId(broker),
                        10,
                        new UUID(0, broker),
                        new BrokerAddress("localhost", 1, ""),
                        BrokerDirectories.of(List.of()),
                        fenced,
                        false,
                        10)));
        peers.imageChanged(before, image, Optional.empty());
    }
}
