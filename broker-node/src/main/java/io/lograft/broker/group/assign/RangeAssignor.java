package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives to each member neighbouring partitions of every topic, and the same numbers of all topics where all read the
 * same ones, so that records with one key meet at one member. As Kafka's assignor of that name: members with an
 * instance id first, by it, then the others by their member id; the first ones get one more where it does not come out
 * even.
 */
public final class RangeAssignor implements Assignor {
    private static final Comparator<Map.Entry<String, AssignorInput.Member>> ORDER = Comparator.comparing(
                    (Map.Entry<String, AssignorInput.Member> entry) ->
                            entry.getValue().instanceId().isEmpty())
            .thenComparing(entry -> entry.getValue().instanceId())
            .thenComparing(Map.Entry::getKey);

    @Override
    public String name() {
        return "range";
    }

    @Override
    public SortedMap<String, SortedSet<PartitionId>> assign(AssignorInput input) {
        SortedMap<String, SortedSet<PartitionId>> assigned = new TreeMap<>();
        input.members().keySet().forEach(id -> assigned.put(id, new TreeSet<>()));
        List<Map.Entry<String, AssignorInput.Member>> ordered =
                input.members().entrySet().stream().sorted(ORDER).toList();
        input.partitionCounts().forEach((topic, count) -> {
            List<String> readers = ordered.stream()
                    .filter(entry -> entry.getValue().topics().contains(topic))
                    .map(Map.Entry::getKey)
                    .toList();
            spread(topic, count, readers, assigned);
        });
        return assigned;
    }

    private static void spread(
            TopicId topic, int count, List<String> readers, SortedMap<String, SortedSet<PartitionId>> assigned) {
        int next = 0;
        for (int i = 0; i < readers.size(); i++) {
            int end = next + count / readers.size() + (i < count % readers.size() ? 1 : 0);
            for (; next < end; next++) {
                assigned.get(readers.get(i)).add(new PartitionId(topic, next));
            }
        }
    }
}
