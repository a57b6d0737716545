package io.lograft.metadata.control;

import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Brings a partition in line with the brokers that live now: who leads it, and who is in its in-sync set.
 *
 * <pre>
 * a live member is in the in-sync set   those that live (and do not drain and have room, where there are such) are the set;
 *                                       the leader stays if it is one of them, else the first in assignment leads
 * else a live replica is eligible       the first of them in assignment leads, alone in the in-sync set
 * else both sets are empty              see unflushed tails, below
 * else                                  no leader; the in-sync set stays as it is, as all its members hold every
 *                                       committed record, and the first that comes back leads
 * </pre>
 *
 * <p>Unflushed tails: where both sets are empty because each member may have lost a tail that {@code flush.mode=os}
 * had not flushed, the partition waits until all of them live, and takes the one that has most. Where one of them lost its
 * disk, only an operator decides.
 *
 * <p>Who has most: the greatest (epoch of the last record, log end). A log without a record has no such epoch. Where it starts
 * at another offset than 0, all below was deleted, and so was committed: it has more than a log that ends below, and less
 * than one that ends there or above.
 */
final class LeaderChoice {
    private static final Comparator<LostMember> MOST_RECORDS = Comparator.comparingInt(LostMember::lastRecordEpoch)
            .thenComparingLong(LostMember::logEndOffset)
            .thenComparing(LostMember::broker, Comparator.reverseOrder());
    private static final Comparator<LostMember> GREATEST_END =
            Comparator.comparingLong(LostMember::logEndOffset).thenComparing(MOST_RECORDS);

    private final ClusterImage image;

    /** The image with the brokers as they are after the command. */
    LeaderChoice(ClusterImage image) {
        this.image = image;
    }

    /** The partition as it should be; the same object where nothing changes. */
    PartitionImage settle(TopicImage topic, PartitionImage partition) {
        PartitionDraft draft = new PartitionDraft(topic, partition);
        settle(topic, draft);
        return draft.result();
    }

    /**
     * Does the same to a draft that has other changes; and ends a reassignment that has come to where all of its target
     * are in sync.
     */
    void settle(TopicImage topic, PartitionDraft draft) {
        settleMembers(topic, draft);
        finishReassignment(draft);
    }

    private void settleMembers(TopicImage topic, PartitionDraft draft) {
        List<BrokerId> members = members(draft, draft.isr());
        if (!members.isEmpty()) {
            draft.changeIsr(members);
            if (members.stream().noneMatch(draft::isLedBy)) {
                draft.start(draft.isr().get(0));
            }
            return;
        }
        List<BrokerId> eligible = members(draft, draft.eligible());
        if (!eligible.isEmpty()) {
            draft.changeIsr(List.of(eligible.get(0)));
            draft.start(eligible.get(0));
            return;
        }
        draft.stopLeader();
        afterPowerLoss(topic, draft).ifPresent(draft::startUnclean);
    }

    /**
     * Where all of the target are in sync, drops whoever is not in it, in one step; the first of the target that can leads
     * where somebody is dropped.
     */
    void finishReassignment(PartitionDraft draft) {
        List<BrokerId> target = draft.reassignment().map(Reassignment::target).orElse(List.of());
        if (target.isEmpty() || !draft.hasLeader() || !draft.isr().containsAll(target)) {
            return;
        }
        List<ReplicaAssignment> next = target.stream()
                .map(broker -> draft.replica(broker).orElseThrow())
                .toList();
        boolean isSomeoneDropped = next.size() < draft.replicas().size();
        Optional<BrokerId> leader = isSomeoneDropped
                ? next.stream()
                        .filter(replica -> isLive(replica) && isWanted(replica))
                        .map(ReplicaAssignment::broker)
                        .findFirst()
                : Optional.empty();
        // Without anybody who is fit to lead it stays as it is, until one is.
        if (!isSomeoneDropped || leader.isPresent()) {
            draft.assign(next, Optional.empty(), leader);
        }
    }

    /** True where the replica can be used now. */
    boolean isLive(ReplicaAssignment replica) {
        return image.broker(replica.broker())
                .filter(broker -> broker.isLive() && broker.hasDirectory(replica.directory()))
                .isPresent();
    }

    /** Who may take over from the leader: those of the candidates, in assignment order, that live and do not drain. */
    List<BrokerId> successors(PartitionDraft draft, List<BrokerId> candidates, BrokerId leader) {
        return filtered(
                draft, candidates, replica -> !replica.broker().equals(leader) && isLive(replica) && isWanted(replica));
    }

    /**
     * The live replica that is likely to lack the least, where nobody knows: of those that reported what they have
     * left, the one that has most; else the first in assignment order, rather one that does not drain. Empty where no
     * replica lives.
     */
    Optional<BrokerId> bestClaim(PartitionDraft draft) {
        List<BrokerId> live = members(
                draft, draft.replicas().stream().map(ReplicaAssignment::broker).toList());
        List<LostMember> reported = draft.lostMembers().stream()
                .filter(member ->
                        draft.replica(member.broker()).filter(this::isLive).isPresent())
                .toList();
        return withMost(reported).map(LostMember::broker).or(() -> live.stream().findFirst());
    }

    /** The candidates, in assignment order, that live; without those that drain or have no room, unless all do. */
    private List<BrokerId> members(PartitionDraft draft, List<BrokerId> candidates) {
        List<BrokerId> live = filtered(draft, candidates, this::isLive);
        List<BrokerId> available = filtered(draft, live, this::isWanted);
        return available.isEmpty() ? live : available;
    }

    private static List<BrokerId> filtered(
            PartitionDraft draft, List<BrokerId> candidates, Predicate<ReplicaAssignment> condition) {
        return draft.replicas().stream()
                .filter(replica -> candidates.contains(replica.broker()))
                .filter(condition)
                .map(ReplicaAssignment::broker)
                .toList();
    }

    /** True where the replica is to lead and to be in sync: its broker does not drain, and its directory has room. */
    boolean isWanted(ReplicaAssignment replica) {
        return image.broker(replica.broker())
                .filter(broker -> !broker.draining() && broker.directories().hasRoom(replica.directory()))
                .isPresent();
    }

    private Optional<BrokerId> afterPowerLoss(TopicImage topic, PartitionDraft draft) {
        List<LostMember> lost = draft.lostMembers();
        if (topic.flushMode() != FlushMode.OS
                || lost.isEmpty()
                || !draft.isr().isEmpty()
                || !draft.eligible().isEmpty()) {
            return Optional.empty();
        }
        for (LostMember member : lost) {
            boolean back = draft.replica(member.broker()).filter(this::isLive).isPresent();
            if (!back || member.cause() != LostReplica.Cause.UNFLUSHED_TAIL) {
                return Optional.empty();
            }
        }
        return withMost(lost).map(LostMember::broker);
    }

    private static Optional<LostMember> withMost(List<LostMember> members) {
        Optional<LostMember> withRecords =
                members.stream().filter(member -> member.lastRecordEpoch() >= 0).max(MOST_RECORDS);
        return Stream.concat(withRecords.stream(), members.stream().filter(member -> member.lastRecordEpoch() < 0))
                .max(GREATEST_END);
    }
}
