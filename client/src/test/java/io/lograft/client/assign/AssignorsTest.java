package io.lograft.client.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The assignors give what Kafka's own give, on many random groups through several generations each. */
class AssignorsTest {
    private static final int GROUPS = Integer.getInteger("assign.groups", 1_000);
    private static final int GENERATIONS = 6;

    /** Members join again until nobody loses anything any more; then everything is assigned, and stays. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cooperativeStickyComesToRestWithEverythingAssigned(boolean isEqual) {
        Assignor assignor = new CooperativeStickyAssignor();
        for (int seed = 0; seed < GROUPS; seed++) {
            RandomGroup group = new RandomGroup(seed, isEqual);
            group.own(assignor.assign(group.partitionCounts, group.members), 1);
            group.change();
            int generation = 1;
            Map<String, List<TopicPartition>> assignment;
            boolean isAtRest;
            do {
                assignment = assignor.assign(group.partitionCounts, group.members);
                Map<String, List<TopicPartition>> given = assignment;
                isAtRest = group.members.entrySet().stream()
                        .allMatch(member -> given.get(member.getKey())
                                .containsAll(member.getValue().owned()));
                group.own(assignment, ++generation);
            } while (!isAtRest && generation < 8);

            assertThat(assignment.values().stream().mapToInt(List::size).sum())
                    .as("seed %d, generation %d: %s", seed, generation, group)
                    .isEqualTo(group.partitionsRead());
            assertThat(assignor.assign(group.partitionCounts, group.members)).isEqualTo(assignment);
        }
    }

    @Test
    void nobodyGetsNothing() {
        for (Assignor assignor :
                List.of(new RangeAssignor(), new RoundRobinAssignor(), new CooperativeStickyAssignor())) {
            assertThat(assignor.assign(Map.of("orders", 3), Map.of())).isEmpty();
            assertThat(assignor.assign(Map.of(), Map.of("m", MemberSubscription.of("orders"))))
                    .containsExactly(Map.entry("m", List.of()));
        }
    }

    /** Kafka's fails at this: the topic was deleted, and made anew with fewer partitions. */
    @Test
    void whatDoesNotExistAnyMoreIsNotKept() {
        MemberSubscription before = MemberSubscription.of("orders")
                .withOwned(List.of(new TopicPartition("orders", 0), new TopicPartition("orders", 7)), 3);

        assertThat(new CooperativeStickyAssignor()
                        .assign(Map.of("orders", 2), Map.of("a", before, "b", MemberSubscription.of("orders"))))
                .isEqualTo(Map.of(
                        "a", List.of(new TopicPartition("orders", 0)), "b", List.of(new TopicPartition("orders", 1))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rangeIsKafkas(boolean isEqual) {
        assertThat(compare(new RangeAssignor(), org.apache.kafka.clients.consumer.RangeAssignor::new, isEqual))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void roundRobinIsKafkas(boolean isEqual) {
        assertThat(compare(
                        new RoundRobinAssignor(), org.apache.kafka.clients.consumer.RoundRobinAssignor::new, isEqual))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cooperativeStickyIsKafkas(boolean isEqual) {
        int wrongOnes = compare(
                new CooperativeStickyAssignor(),
                org.apache.kafka.clients.consumer.CooperativeStickyAssignor::new,
                isEqual);

        assertThat(wrongOnes).isLessThanOrEqualTo(isEqual ? 0 : GROUPS * GENERATIONS / 50);
    }

    /**
     * Returns in how many rounds Kafka's assignor breaks down, or gives somebody a topic that it does not read, because the
     * owner of an earlier generation does not read it any more. Ours must be sound even then.
     */
    private static int compare(Assignor ours, Supplier<AbstractPartitionAssignor> kafkas, boolean isEqual) {
        assertThat(ours.name()).isEqualTo(kafkas.get().name());
        int wrongOnes = 0;
        for (int seed = 0; seed < GROUPS; seed++) {
            RandomGroup group = new RandomGroup(seed, isEqual);
            Map<String, List<TopicPartition>> former = Map.of();
            for (int generation = 1; generation <= GENERATIONS; generation++) {
                Map<String, List<TopicPartition>> assignment = ours.assign(group.partitionCounts, group.members);
                Map<String, List<TopicPartition>> theirs =
                        KafkaAssignors.assign(kafkas.get(), group.partitionCounts, group.members);
                assertThat(group.fits(assignment)).isTrue();
                if (group.fits(theirs)) {
                    assertThat(assignment)
                            .as("seed %d, generation %d: %s", seed, generation, group)
                            .isEqualTo(theirs);
                } else {
                    wrongOnes++;
                }
                group.own(assignment, generation);
                group.change();
                if (group.random.nextInt(4) == 0) {
                    group.confuse(former, generation - 1);
                }
                former = assignment;
            }
        }
        return wrongOnes;
    }
}
