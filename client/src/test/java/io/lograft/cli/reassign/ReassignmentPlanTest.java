package io.lograft.cli.reassign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.LograftException;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReassignmentPlanTest {
    private static final int CLUSTERS = 2_000;

    @Test
    void aNewBrokerGetsItsShareAndNothingElseMoves() {
        SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>();
        for (int i = 0; i < 6; i++) {
            current.put(new TopicPartition("t", i), List.of(1 + i % 3, 1 + (i + 1) % 3, 1 + (i + 2) % 3));
        }
        ReassignmentPlan plan = ReassignmentPlan.of(current, brokers(1, 2, 3, 4), null);
        assertThat(moved(plan)).as("18 replicas, of which broker 4 gets 4").isEqualTo(4);
        assertThat(replicaCounts(plan.proposed().values(), brokers(1, 2, 3, 4)))
                .isEqualTo(Map.of(1, 5, 2, 5, 3, 4, 4, 4));
        assertThat(leaderCounts(plan.proposed().values(), brokers(1, 2, 3, 4)).values())
                .containsExactlyInAnyOrder(2, 2, 1, 1);
    }

    @Test
    void aBrokerThatIsNotNamedIsReplacedWhereItIs() {
        SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>(Map.of(
                new TopicPartition("a", 0), List.of(1, 9, 2),
                new TopicPartition("a", 1), List.of(2, 1, 9)));
        assertThat(ReassignmentPlan.of(current, brokers(1, 2, 3), null).proposed())
                .isEqualTo(Map.of(
                        new TopicPartition("a", 0), List.of(1, 3, 2),
                        new TopicPartition("a", 1), List.of(2, 1, 3)));
    }

    @Test
    void replicationRisesAndFalls() {
        SortedMap<TopicPartition, List<Integer>> current =
                new TreeMap<>(Map.of(new TopicPartition("a", 0), List.of(2), new TopicPartition("a", 1), List.of(3)));
        SortedMap<TopicPartition, List<Integer>> risen =
                ReassignmentPlan.of(current, brokers(1, 2, 3), 3).proposed();
        assertThat(risen)
                .isEqualTo(Map.of(
                        new TopicPartition("a", 0), List.of(2, 1, 3),
                        new TopicPartition("a", 1), List.of(3, 1, 2)));
        ReassignmentPlan fallen = ReassignmentPlan.of(risen, brokers(1, 2, 3), 1);
        assertThat(fallen.proposed()).isEqualTo(current);
        assertThat(moved(fallen)).isZero();
    }

    @Test
    void moreReplicasThanBrokersAreRefused() {
        SortedMap<TopicPartition, List<Integer>> current =
                new TreeMap<>(Map.of(new TopicPartition("a", 0), List.of(1, 2)));
        assertThatThrownBy(() -> ReassignmentPlan.of(current, brokers(1, 2), 3))
                .isInstanceOf(LograftException.class)
                .hasMessage("INVALID_REPLICATION_FACTOR: a-0 cannot have 3 replicas on 2 brokers [1, 2]");
        assertThatThrownBy(() -> ReassignmentPlan.of(current, brokers(1), null))
                .hasMessageContaining("a-0 cannot have 2 replicas on 1 brokers");
    }

    /** With any replicas to begin with, of any number: what the class comments promise holds. */
    @Test
    void whateverTheClusterThePlanIsEvenAndIsKept() {
        for (int seed = 0; seed < CLUSTERS; seed++) {
            Random random = new Random(seed);
            int brokerCount = 1 + random.nextInt(8);
            SortedSet<Integer> all = brokers(
                    IntStream.rangeClosed(1, brokerCount + random.nextInt(4)).toArray());
            SortedSet<Integer> named = new TreeSet<>(shuffled(all, random).subList(0, brokerCount));
            int replication = 1 + random.nextInt(brokerCount);
            SortedMap<TopicPartition, List<Integer>> current = cluster(all, random);

            ReassignmentPlan plan = ReassignmentPlan.of(current, named, replication);
            String what = "seed " + seed + ": " + current + " on " + named + " became " + plan.proposed();
            assertThat(plan.proposed().keySet()).isEqualTo(current.keySet());
            for (List<Integer> replicas : plan.proposed().values()) {
                assertThat(new HashSet<>(replicas)).as(what).hasSize(replication);
                assertThat(replicas).as(what).hasSize(replication).isSubsetOf(named);
            }
            checkEven(plan.proposed(), named, what);
            assertThat(ReassignmentPlan.of(plan.proposed(), named, null).proposed())
                    .as("even already, " + what)
                    .isEqualTo(plan.proposed());
            assertThat(ReassignmentPlan.of(current, named, replication)).isEqualTo(plan);
        }
    }

    private static void checkEven(
            SortedMap<TopicPartition, List<Integer>> proposed, SortedSet<Integer> brokers, String what) {
        Map<String, List<List<Integer>>> topics = new HashMap<>();
        proposed.forEach((partition, replicas) -> topics.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(replicas));
        topics.put("all", new ArrayList<>(proposed.values()));
        topics.forEach((topic, partitions) -> {
            assertThat(difference(replicaCounts(partitions, brokers)))
                    .as("replicas of " + topic + ", " + what)
                    .isLessThanOrEqualTo(1);
            assertThat(difference(leaderCounts(partitions, brokers)))
                    .as("leaders of " + topic + ", " + what)
                    .isLessThanOrEqualTo(1);
        });
    }

    /** Against the fewest moves that there could be: what is too much on brokers, and what is on those not named. */
    @Test
    void hardlyMoreMovesThanOneTopicNeeds() {
        int unneeded = 0;
        for (int seed = 0; seed < CLUSTERS; seed++) {
            Random random = new Random(seed);
            SortedSet<Integer> all = brokers(IntStream.rangeClosed(1, 6).toArray());
            SortedSet<Integer> named = new TreeSet<>(shuffled(all, random).subList(0, 3 + random.nextInt(4)));
            SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>();
            int partitionCount = 1 + random.nextInt(10);
            for (int i = 0; i < partitionCount; i++) {
                current.put(new TopicPartition("t", i), shuffled(all, random).subList(0, 3));
            }
            ReassignmentPlan plan = ReassignmentPlan.of(current, named, null);
            List<Integer> loads = replicaCounts(current.values(), named).values().stream()
                    .sorted(Collections.reverseOrder())
                    .toList();
            int kept = 0;
            for (int i = 0; i < loads.size(); i++) {
                int share = partitionCount * 3 / named.size() + (i < partitionCount * 3 % named.size() ? 1 : 0);
                kept += Math.min(share, loads.get(i));
            }
            int more = moved(plan) - (partitionCount * 3 - kept);
            assertThat(more).as("seed " + seed).isBetween(0, 1);
            unneeded += more;
        }
        assertThat(unneeded).isLessThanOrEqualTo(CLUSTERS / 40);
    }

    private static SortedMap<TopicPartition, List<Integer>> cluster(SortedSet<Integer> brokers, Random random) {
        SortedMap<TopicPartition, List<Integer>> cluster = new TreeMap<>();
        int topicCount = 1 + random.nextInt(5);
        for (int topic = 0; topic < topicCount; topic++) {
            int partitionCount = 1 + random.nextInt(9);
            for (int i = 0; i < partitionCount; i++) {
                cluster.put(
                        new TopicPartition("topic-" + topic, i),
                        shuffled(brokers, random).subList(0, 1 + random.nextInt(brokers.size())));
            }
        }
        return cluster;
    }

    private static List<Integer> shuffled(Collection<Integer> brokers, Random random) {
        List<Integer> shuffled = new ArrayList<>(brokers);
        Collections.shuffle(shuffled, random);
        return shuffled;
    }

    private static SortedSet<Integer> brokers(int... ids) {
        return new TreeSet<>(IntStream.of(ids).boxed().toList());
    }

    private static int moved(ReassignmentPlan plan) {
        return plan.proposed().keySet().stream()
                .mapToInt(partition -> plan.added(partition).size())
                .sum();
    }

    private static Map<Integer, Integer> replicaCounts(
            Collection<List<Integer>> partitions, SortedSet<Integer> brokers) {
        Map<Integer, Integer> counts = new HashMap<>();
        brokers.forEach(broker -> counts.put(broker, (int) partitions.stream()
                .filter(replicas -> replicas.contains(broker))
                .count()));
        return counts;
    }

    private static Map<Integer, Integer> leaderCounts(
            Collection<List<Integer>> partitions, SortedSet<Integer> brokers) {
        Map<Integer, Integer> counts = new HashMap<>();
        brokers.forEach(broker -> counts.put(broker, (int) partitions.stream()
                .filter(replicas -> replicas.get(0).equals(broker))
                .count()));
        return counts;
    }

    private static int difference(Map<Integer, Integer> counts) {
        return Collections.max(counts.values()) - Collections.min(counts.values());
    }
}
