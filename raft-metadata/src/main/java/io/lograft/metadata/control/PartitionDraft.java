package io.lograft.metadata.control;

import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A partition on its way from one state to the next. Keeps the rules that every change obeys: the lists are in
 * assignment order; replicas that leave the in-sync set while or before it is smaller than the minimum are eligible; a
 * start of leadership gets a fresh leader epoch; a change gets a fresh partition epoch. Used by one thread, once.
 */
final class PartitionDraft {
    private final TopicImage topic;
    private final PartitionImage before;
    /** Those who hold every committed record: members of both sets, before or during the change. */
    private final Set<BrokerId> holders = new TreeSet<>();

    private int minimum;
    private List<ReplicaAssignment> replicas;
    private Optional<Reassignment> reassignment;
    private List<BrokerId> isr;
    private List<BrokerId> eligible;
    private List<LostMember> lostMembers;
    private int leader;
    private int leaderEpoch;
    private int lastUncleanEpoch;

    PartitionDraft(TopicImage topic, PartitionImage before) {
        this.topic = topic;
        this.before = before;
        this.minimum = topic.minimum(before);
        this.holders.addAll(before.isr());
        this.holders.addAll(before.eligible());
        this.replicas = before.replicas();
        this.reassignment = before.reassignment();
        this.isr = before.isr();
        this.eligible = before.eligible();
        this.lostMembers = before.lostMembers();
        this.leader = before.leader();
        this.leaderEpoch = before.leaderEpoch();
        this.lastUncleanEpoch = before.lastUncleanEpoch();
    }

    List<ReplicaAssignment> replicas() {
        return replicas;
    }

    /** The replica at that broker. */
    Optional<ReplicaAssignment> replica(BrokerId broker) {
        return replicas.stream()
                .filter(replica -> replica.broker().equals(broker))
                .findFirst();
    }

    Optional<Reassignment> reassignment() {
        return reassignment;
    }

    List<BrokerId> isr() {
        return isr;
    }

    List<BrokerId> eligible() {
        return eligible;
    }

    List<LostMember> lostMembers() {
        return lostMembers;
    }

    boolean hasLeader() {
        return leader != PartitionRecord.NO_LEADER;
    }

    boolean isLedBy(BrokerId broker) {
        return leader == broker.value();
    }

    /**
     * Changes the in-sync set. Below the minimum the high watermark stands still, so whoever leaves then, or left since
     * the set fell below it, holds every committed record and is eligible; a set that is large enough may commit
     * without them, so nobody else is. What counts is the set that the change ends with.
     */
    void changeIsr(Collection<BrokerId> members) {
        Set<BrokerId> next = new TreeSet<>(members);
        Set<BrokerId> outside = new TreeSet<>();
        if (next.size() < minimum) {
            outside.addAll(holders);
            outside.removeAll(next);
        }
        holders.addAll(next);
        isr = inAssignmentOrder(next);
        eligible = inAssignmentOrder(outside);
    }

    /**
     * Gives the partition other replicas. Both sets keep those of their members that are among them. Whoever leaves takes
     * nothing with it that is committed, as long as a member of the in-sync set stays.
     *
     * <p>Where a replica leaves, a leadership must begin, or nobody lead: what a leader knows of a replica is bound to its
     * epoch, and the replica may come back with an empty log before the leader has heard that it was away.
     *
     * @param towards what the replicas are on their way to
     * @param leader who leads then; empty where a leadership goes on, or nobody leads
     */
    void assign(List<ReplicaAssignment> next, Optional<Reassignment> towards, Optional<BrokerId> leader) {
        Set<BrokerId> ids = next.stream().map(ReplicaAssignment::broker).collect(Collectors.toCollection(TreeSet::new));
        boolean isSomeoneDropped = replicas.stream().anyMatch(replica -> !ids.contains(replica.broker()));
        if (isSomeoneDropped && hasLeader() && leader.isEmpty()) {
            throw new IllegalStateException("the leadership goes on, though only " + ids + " stay of " + replicas);
        }
        replicas = List.copyOf(next);
        reassignment = towards;
        minimum = topic.minimum(
                next.size() - towards.map(change -> change.added().size()).orElse(0));
        holders.retainAll(ids);
        lostMembers = lostMembers.stream()
                .filter(member -> ids.contains(member.broker()))
                .toList();
        changeIsr(isr.stream().filter(ids::contains).toList());
        leader.ifPresent(this::start);
    }

    /**
     * Begins a leadership, of whoever led before too. The leader must be in the in-sync set. Of what a change begins only
     * the last counts, so they share an epoch.
     */
    void start(BrokerId newLeader) {
        if (!isr.contains(newLeader)) {
            throw new IllegalStateException("leader " + newLeader + " is not in the in-sync set " + isr);
        }
        leader = newLeader.value();
        leaderEpoch = before.leaderEpoch() + 1;
        lostMembers = List.of();
    }

    /** Begins a leadership outside both sets; committed records may be gone. */
    void startUnclean(BrokerId newLeader) {
        isr = List.of(newLeader);
        eligible = List.of();
        start(newLeader);
        lastUncleanEpoch = leaderEpoch;
    }

    void stopLeader() {
        leader = PartitionRecord.NO_LEADER;
    }

    /**
     * Takes a replica out of both sets because its broker cannot vouch for it. While nobody leads, it is remembered,
     * for the day when both sets are empty; what a disk has lost stays lost then, whatever is reported later.
     */
    void lose(BrokerId broker, LostReplica lost, LostReplica.Cause cause) {
        boolean wasMember = isr.contains(broker) || eligible.contains(broker);
        Optional<LostMember> former = lostMembers.stream()
                .filter(member -> member.broker().equals(broker))
                .findFirst();
        isr = without(isr, broker);
        eligible = without(eligible, broker);
        holders.remove(broker);
        if (isLedBy(broker)) {
            stopLeader();
        }
        if (!hasLeader() && (wasMember || former.isPresent())) {
            LostReplica.Cause worst = former.map(LostMember::cause)
                    .filter(known -> known == LostReplica.Cause.DISK)
                    .orElse(cause);
            List<LostMember> members = new ArrayList<>(lostMembers);
            former.ifPresent(members::remove);
            members.add(new LostMember(broker, worst, lost.lastRecordEpoch(), lost.logEndOffset()));
            members.sort((left, right) -> left.broker().compareTo(right.broker()));
            lostMembers = List.copyOf(members);
        }
    }

    /** Notes that the broker makes its replica anew in another directory. */
    void moveTo(BrokerId broker, DirectoryId directory) {
        List<ReplicaAssignment> moved = new ArrayList<>(replicas);
        moved.replaceAll(
                replica -> replica.broker().equals(broker) ? new ReplicaAssignment(broker, directory) : replica);
        replicas = List.copyOf(moved);
    }

    /** The state after the changes; the very state before, where nothing changed. */
    PartitionImage result() {
        PartitionImage after = at(before.partitionEpoch());
        return after.equals(before) ? before : fresh();
    }

    /** The state after the changes, with a fresh partition epoch even where nothing changed. */
    PartitionImage fresh() {
        return at(before.partitionEpoch() + 1);
    }

    private PartitionImage at(int partitionEpoch) {
        return new PartitionImage(
                before.partition(),
                replicas,
                isr,
                eligible,
                lostMembers,
                leader,
                leaderEpoch,
                partitionEpoch,
                lastUncleanEpoch,
                reassignment);
    }

    private List<BrokerId> inAssignmentOrder(Set<BrokerId> members) {
        return replicas.stream()
                .map(ReplicaAssignment::broker)
                .filter(members::contains)
                .toList();
    }

    private static List<BrokerId> without(List<BrokerId> members, BrokerId broker) {
        return members.stream().filter(member -> !member.equals(broker)).toList();
    }
}
