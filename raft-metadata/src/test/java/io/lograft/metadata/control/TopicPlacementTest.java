package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class TopicPlacementTest {

    @Test
    void leadersAndReplicasOfATopicAreSpreadEvenly() {
        Random random = new Random(5);
        for (int round = 0; round < 300; round++) {
            int brokers = 1 + random.nextInt(7);
            MetadataWorld world = MetadataWorld.withBrokers(brokers);
            int partitions = 1 + random.nextInt(40);
            int replicas = 1 + random.nextInt(brokers);
            List<List<ReplicaAssignment>> placed =
                    TopicPlacement.place(world.image(), partitions, replicas, random.nextLong());
            assertThat(placed).hasSize(partitions);
            Map<BrokerId, Integer> leaders = new TreeMap<>();
            for (List<ReplicaAssignment> partition : placed) {
                assertThat(partition).hasSize(replicas);
                assertThat(partition.stream().map(ReplicaAssignment::broker)).doesNotHaveDuplicates();
                leaders.merge(partition.get(0).broker(), 1, Integer::sum);
            }
            int most = leaders.values().stream().mapToInt(count -> count).max().orElseThrow();
            int least = leaders.size() < brokers
                    ? 0
                    : leaders.values().stream().mapToInt(count -> count).min().orElseThrow();
            assertThat(most - least).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void theFollowersOfABrokerVary() {
        MetadataWorld world = MetadataWorld.withBrokers(5);
        Set<BrokerId> followers = new HashSet<>();
        for (List<ReplicaAssignment> partition : TopicPlacement.place(world.image(), 20, 2, 0)) {
            if (partition.get(0).broker().equals(new BrokerId(1))) {
                followers.add(partition.get(1).broker());
            }
        }
        assertThat(followers).hasSize(4);
    }

    @Test
    void manySmallTopicsAreSpreadToo() {
        MetadataWorld world = MetadataWorld.withBrokers(3);
        Map<Integer, Integer> leaders = new TreeMap<>();
        for (int topic = 0; topic < 30; topic++) {
            PartitionImage partition = world.partition(world.topic("t" + topic, 1, 2, Map.of()));
            leaders.merge(partition.leader(), 1, Integer::sum);
        }
        assertThat(leaders).isEqualTo(Map.of(1, 10, 2, 10, 3, 10));
    }

    @Test
    void theSameSeedGivesTheSamePlacement() {
        MetadataWorld world = MetadataWorld.withBrokers(5);
        assertThat(TopicPlacement.place(world.image(), 7, 3, 99))
                .isEqualTo(TopicPlacement.place(world.image(), 7, 3, 99))
                .isNotEqualTo(TopicPlacement.place(world.image(), 7, 3, 100));
    }

    @Test
    void fencedAndDrainingBrokersGetNothing() {
        MetadataWorld world = MetadataWorld.withBrokers(4);
        world.fence(2);
        world.submit(new MetadataCommand.DrainBroker(world.ref(3)));
        assertThat(TopicPlacement.candidates(world.image()).stream().map(broker -> broker.id()))
                .isEqualTo(ids(1, 4));
        world.topic("orders", 5, 2, Map.of());
        for (PartitionImage partition : world.topic("orders").orElseThrow().partitions()) {
            assertThat(partition.replicaIds()).containsExactlyInAnyOrderElementsOf(ids(1, 4));
        }
    }
}
