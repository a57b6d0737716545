package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.model.PartitionId;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A member: its state as the last record has it, and its session. */
final class Member {
    private final Session session = new Session();
    private final Map<PartitionId, Integer> heldSinceEpochs = new TreeMap<>();
    private ConsumerMemberState state;
    private SortedSet<PartitionId> assigned;
    private SortedSet<PartitionId> revoking;

    Member(ConsumerMemberState state) {
        replay(state);
    }

    void replay(ConsumerMemberState next) {
        state = next;
        assigned = partitions(next.holdings().assigned());
        revoking = partitions(next.holdings().revoking());
        heldSinceEpochs.keySet().removeIf(partition -> !holds(partition));
        assigned.forEach(partition -> heldSinceEpochs.putIfAbsent(partition, next.memberEpoch()));
    }

    private static SortedSet<PartitionId> partitions(List<HeldPartition> held) {
        return Collections.unmodifiableSortedSet(
                held.stream().map(HeldPartition::partition).collect(Collectors.toCollection(TreeSet::new)));
    }

    String id() {
        return state.identity().memberId();
    }

    ConsumerMemberState state() {
        return state;
    }

    Session session() {
        return session;
    }

    /** What it may read. */
    SortedSet<PartitionId> assigned() {
        return assigned;
    }

    /** What it was told to give up, and has not. */
    SortedSet<PartitionId> revoking() {
        return revoking;
    }

    boolean holds(PartitionId partition) {
        return assigned.contains(partition) || revoking.contains(partition);
    }

    boolean holdsAll(Collection<PartitionId> partitions) {
        return partitions.stream().allMatch(this::holds);
    }

    /** A commit for the partition with an epoch below this is from an earlier time when it held the partition. */
    int heldSinceEpoch(PartitionId partition) {
        return heldSinceEpochs.getOrDefault(partition, 0);
    }

    /** It begins anew: what it still commits with an older epoch is not to count. */
    void holdsAllSince(int epoch) {
        heldSinceEpochs.replaceAll((partition, since) -> epoch);
    }
}
