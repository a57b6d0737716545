package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Gives to all members as equally many partitions as their subscriptions allow, and takes no more from those who hold
 * some than that needs.
 *
 * <p>First every member keeps what it holds and still reads. What nobody holds goes to the member with the fewest, topics
 * with few readers first. Then partitions move from members with many to members with few, along the shortest chain of
 * members that read each other's topics, until no chain ends at a member with at least two fewer. Such an assignment is
 * as even as any can be (there is a chain whenever a more even one exists).
 */
public final class UniformAssignor implements Assignor {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public SortedMap<String, SortedSet<PartitionId>> assign(AssignorInput input) {
        Loads loads = new Loads(input);
        giveWhatNobodyHolds(input, loads);
        new LoadBalance(loads).run();
        SortedMap<String, SortedSet<PartitionId>> assigned = new TreeMap<>();
        loads.all().forEach(load -> assigned.put(load.id, load.partitions()));
        return assigned;
    }

    private static void giveWhatNobodyHolds(AssignorInput input, Loads loads) {
        SortedSet<PartitionId> held = new TreeSet<>();
        loads.all().forEach(load -> held.addAll(load.partitions()));
        List<TopicId> fewReadersFirst = input.partitionCounts().keySet().stream()
                .sorted(Comparator.comparingInt(
                                (TopicId topic) -> loads.readers(topic).size())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (TopicId topic : fewReadersFirst) {
            List<Loads.Load> readers = loads.readers(topic);
            for (int i = 0; !readers.isEmpty() && i < input.partitionCounts().get(topic); i++) {
                PartitionId partition = new PartitionId(topic, i);
                if (!held.contains(partition)) {
                    loadOfFewest(readers).add(partition);
                }
            }
        }
    }

    private static Loads.Load loadOfFewest(List<Loads.Load> readers) {
        Loads.Load fewest = readers.getFirst();
        for (Loads.Load reader : readers) {
            if (reader.size() < fewest.size()) {
                fewest = reader;
            }
        }
        return fewest;
    }
}
