package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.broker.group.GroupRecord.Holdings;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Predicate;

/** One step of a member from what it holds to its target. */
final class Reconciliation {
    private static final Comparator<HeldPartition> ORDER = Comparator.comparing(HeldPartition::partition);

    private Reconciliation() {}

    /** Gives up first; gets what is free once it has nothing to give up. */
    static Holdings step(Holdings now, SortedSet<PartitionId> target, Predicate<PartitionId> isFree, long sinceMs) {
        List<HeldPartition> assigned = new ArrayList<>();
        List<HeldPartition> revoking = new ArrayList<>(now.revoking());
        for (HeldPartition held : now.assigned()) {
            (target.contains(held.partition()) ? assigned : revoking).add(held);
        }
        if (revoking.isEmpty()) {
            addFree(assigned, target, isFree, sinceMs);
        }
        assigned.sort(ORDER);
        revoking.sort(ORDER);
        return new Holdings(assigned, revoking);
    }

    private static void addFree(
            List<HeldPartition> assigned, SortedSet<PartitionId> target, Predicate<PartitionId> isFree, long sinceMs) {
        Set<PartitionId> kept = partitions(assigned);
        for (PartitionId wanted : target) {
            if (!kept.contains(wanted) && isFree.test(wanted)) {
                assigned.add(new HeldPartition(wanted, sinceMs));
            }
        }
    }

    /** A member that is away reads nothing: what is not in its target is free at once, and it gets nothing. */
    static Holdings stepAway(Holdings now, SortedSet<PartitionId> target) {
        return new Holdings(
                now.assigned().stream()
                        .filter(held -> target.contains(held.partition()))
                        .toList(),
                List.of());
    }

    /** Of what it was told to give up, only this is left. */
    static Holdings keptOfRevoking(Holdings now, Set<PartitionId> owned) {
        return new Holdings(
                now.assigned(),
                now.revoking().stream()
                        .filter(held -> owned.contains(held.partition()))
                        .toList());
    }

    static boolean isMore(Holdings next, Holdings now) {
        return !partitions(now.assigned()).containsAll(partitions(next.assigned()));
    }

    private static Set<PartitionId> partitions(List<HeldPartition> held) {
        Set<PartitionId> partitions = new HashSet<>();
        held.forEach(one -> partitions.add(one.partition()));
        return partitions;
    }
}
