package io.lograft.broker.group.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Single cases where subscriptions differ. */
class UniformAssignorTest {
    private final SortedMap<String, AssignorInput.Member> members = new TreeMap<>();
    private final SortedMap<TopicId, Integer> counts = new TreeMap<>();

    private void member(String id, int[] topics, PartitionId... held) {
        SortedSet<TopicId> read =
                Arrays.stream(topics).mapToObj(Inputs::topic).collect(Collectors.toCollection(TreeSet::new));
        members.put(id, new AssignorInput.Member("", read, new TreeSet<>(Arrays.asList(held))));
    }

    private static PartitionId partition(int topic, int number) {
        return new PartitionId(Inputs.topic(topic), number);
    }

    private SortedMap<String, SortedSet<PartitionId>> assign() {
        return new UniformAssignor().assign(new AssignorInput(members, counts));
    }

    @Test
    void whatOneHasTooMuchReachesAnotherOverAThird() {
        counts.put(Inputs.topic(1), 4);
        counts.put(Inputs.topic(2), 2);
        member("a", new int[] {1}, partition(1, 0), partition(1, 1), partition(1, 2));
        member("b", new int[] {1, 2}, partition(1, 3), partition(2, 0));
        member("c", new int[] {2}, partition(2, 1));
        SortedMap<String, SortedSet<PartitionId>> assigned = assign();
        assertThat(assigned.get("a")).hasSize(2);
        assertThat(assigned.get("b")).hasSize(2);
        assertThat(assigned.get("c")).containsExactlyInAnyOrder(partition(2, 0), partition(2, 1));
    }

    @Test
    void whoReadsNothingThatExistsGetsNothing() {
        counts.put(Inputs.topic(1), 3);
        member("a", new int[] {1});
        member("b", new int[] {});
        assertThat(assign().get("a")).hasSize(3);
        assertThat(assign().get("b")).isEmpty();
    }

    @Test
    void whatIsReadNoMoreIsGivenToOthers() {
        counts.put(Inputs.topic(1), 1);
        member("a", new int[] {}, partition(1, 0));
        member("b", new int[] {1});
        assertThat(assign().get("b")).containsExactly(partition(1, 0));
        assertThat(assign().get("a")).isEmpty();
    }

    @Test
    void nobodyAtAll() {
        assertThat(assign()).isEmpty();
    }
}
