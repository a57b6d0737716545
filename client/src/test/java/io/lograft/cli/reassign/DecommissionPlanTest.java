package io.lograft.cli.reassign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.TopicDescription;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DecommissionPlanTest {
    private static final int LEAVING = 9;

    @Test
    void theBrokerWithTheFewestReplicasTakesThePlace() {
        TopicDescription topic =
                topic("t", partition(0, 9, 1), partition(1, 1, 9), partition(2, 1, 2), partition(3, 3, 2));
        DecommissionPlan plan = plan(List.of(topic), 1, 2, 3);
        assertThat(plan.unplaced()).isEmpty();
        assertThat(plan.targets()).isEqualTo(Map.of(name(0), List.of(3, 1), name(1), List.of(1, 2)));
    }

    @Test
    void partitionsThatNobodyElseIsFreeForAreTold() {
        TopicDescription topic = topic("t", partition(0, 1, 9), partition(1, 9, 1, 2), partition(2, 1, 2));
        DecommissionPlan plan = plan(List.of(topic), 1, 2, LEAVING);
        assertThat(plan.unplaced()).containsExactly(name(1));
        assertThat(plan.targets()).isEqualTo(Map.of(name(0), List.of(1, 2)));
    }

    @Test
    void whatIsOnItsWayAlreadyStaysSo() {
        TopicDescription topic =
                topic("t", moving(0, List.of(9, 1), List.of(2, 1)), moving(1, List.of(1, 2), List.of(1, 9)));
        DecommissionPlan plan = plan(List.of(topic), 1, 2, 3);
        assertThat(plan.targets()).isEqualTo(Map.of(name(1), List.of(1, 3)));
    }

    @Test
    void aJoiningReplicaWhoseBrokerFailedIsReplaced() {
        TopicDescription topic =
                topic("t", moving(0, List.of(9, 1), List.of(4, 1)), moving(1, List.of(1, 2), List.of(4, 2)));
        DecommissionPlan plan = plan(List.of(topic), 1, 2, 3);
        assertThat(plan.targets())
                .as("the second partition has nothing to do with the broker")
                .isEqualTo(Map.of(name(0), List.of(3, 1)));
    }

    /** Whatever the cluster: the leaving broker is replaced alone, where it was, and what it had is spread evenly. */
    @Test
    void onlyTheLeavingBrokerIsReplacedAndItsShareIsSpread() {
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            List<Integer> others = new ArrayList<>(List.of(1, 2, 3, 4, 5).subList(0, 2 + random.nextInt(4)));
            List<TopicDescription.Partition> partitions = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                List<Integer> all = new ArrayList<>(others);
                all.add(LEAVING);
                Collections.shuffle(all, random);
                partitions.add(partition(
                        i, all.subList(0, 1 + random.nextInt(others.size())).toArray(Integer[]::new)));
            }
            DecommissionPlan plan = plan(
                    List.of(topic("t", partitions.toArray(TopicDescription.Partition[]::new))),
                    others.toArray(Integer[]::new));
            assertThat(plan.unplaced()).isEmpty();
            for (TopicDescription.Partition partition : partitions) {
                List<Integer> target = plan.targets().get(name(partition.number()));
                if (!partition.replicas().contains(LEAVING)) {
                    assertThat(target).isNull();
                    continue;
                }
                int place = partition.replicas().indexOf(LEAVING);
                List<Integer> expected = new ArrayList<>(partition.replicas());
                expected.set(place, target.get(place));
                assertThat(target).as("seed " + seed).isEqualTo(expected).isSubsetOf(others);
                assertThat(new HashSet<>(target)).hasSize(target.size());
            }
        }
    }

    private static DecommissionPlan plan(List<TopicDescription> topics, Integer... takers) {
        SortedSet<Integer> set = new TreeSet<>(Arrays.asList(takers));
        return DecommissionPlan.of(topics, LEAVING, set);
    }

    private static TopicPartition name(int number) {
        return new TopicPartition("t", number);
    }

    private static TopicDescription topic(String name, TopicDescription.Partition... partitions) {
        return new TopicDescription(name, new TopicId(1, 2), List.of(partitions), Map.of(), false);
    }

    private static TopicDescription.Partition partition(int number, Integer... replicas) {
        return partition(number, List.of(replicas), Optional.empty());
    }

    private static TopicDescription.Partition moving(int number, List<Integer> from, List<Integer> to) {
        List<Integer> both = new ArrayList<>(from);
        to.stream().filter(broker -> !from.contains(broker)).forEach(both::add);
        return partition(number, both, Optional.of(new TopicDescription.Reassignment(from, to, 0)));
    }

    private static TopicDescription.Partition partition(
            int number, List<Integer> replicas, Optional<TopicDescription.Reassignment> reassignment) {
        return new TopicDescription.Partition(
                number,
                replicas.get(0),
                1,
                1,
                replicas,
                replicas,
                List.of(),
                -1,
                Optional.empty(),
                reassignment,
                List.of());
    }
}
