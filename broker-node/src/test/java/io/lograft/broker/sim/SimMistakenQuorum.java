package io.lograft.broker.sim;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The real decisions of the metadata, with the deliberate mistake of the mutation, if that is one of theirs. */
final class SimMistakenQuorum {
    private final Mutation mutation;
    private final Map<PartitionId, Integer> lastLeaders = new HashMap<>();

    SimMistakenQuorum(Mutation mutation) {
        this.mutation = mutation;
    }

    Decision decide(ClusterImage image, long index, MetadataCommand command) {
        Decision decision = MetadataControl.decide(image, index, command);
        return switch (mutation) {
            case FENCING_NOT_CHECKED -> withRefusedProposals(image, command, decision);
            case ELIGIBLE_SET_IGNORED -> mapped(decision, record -> withAnyLeader(image, record, decision));
            case LAST_IN_SYNC_NOT_AWAITED -> mapped(decision, record -> withFirstBack(image, record, decision));
            case MINIMUM_CHANGED_ALONE ->
                command instanceof MetadataCommand.AlterTopic ? withoutPartitions(decision) : decision;
            case DROPPED_WITHIN_AN_EPOCH -> mapped(decision, record -> withinTheEpoch(image, record));
            case FINISHED_WITH_THE_FIRST -> mapped(decision, record -> finishedEarly(image, record));
            case ADDED_COUNT_AT_ONCE -> mapped(decision, SimMistakenQuorum::withAllInSync);
            case CANCELLED_UNSAFELY -> cancelled(image, command, decision);
            case LEADER_EPOCH_REUSED -> mapped(decision, record -> withOldEpoch(image, record));
            default -> decision;
        };
    }

    /** Carries out proposals of whoever is a replica, in whatever epoch. */
    private static Decision withRefusedProposals(ClusterImage image, MetadataCommand command, Decision decision) {
        if (!(command instanceof MetadataCommand.AlterIsr alter)
                || !(decision.reply().result() instanceof CommandReply.Parts parts)) {
            return decision;
        }
        List<MetadataRecord> records = new ArrayList<>(decision.records());
        for (int i = 0; i < alter.proposals().size(); i++) {
            IsrProposal proposal = alter.proposals().get(i);
            Optional<PartitionImage> partition = image.partition(proposal.partition());
            if (parts.replies().get(i).isOk() || partition.isEmpty()) {
                continue;
            }
            PartitionRecord old = partition.get().toRecord(proposal.partition().topic());
            List<BrokerId> members =
                    proposal.members().stream().map(BrokerRef::id).toList();
            boolean isTouched = records.stream()
                    .anyMatch(record -> record instanceof PartitionRecord other
                            && other.id().equals(old.id()));
            if (!isTouched && old.leader() >= 0 && members.contains(new BrokerId(old.leader()))) {
                records.add(changed(old, members, old.leader(), old.leaderEpoch(), old.partitionEpoch() + 1));
            }
        }
        return new Decision(records, decision.reply());
    }

    /** Where nobody in sync lives, the first replica that does leads, whatever it has. */
    private static MetadataRecord withAnyLeader(ClusterImage image, PartitionRecord record, Decision decision) {
        if (record.leader() != PartitionRecord.NO_LEADER) {
            return record;
        }
        ClusterImage after = image.apply(image.index() + 1, decision.records());
        return record.replicas().stream()
                .map(replica -> replica.broker())
                .filter(broker ->
                        after.broker(broker).filter(BrokerImage::isLive).isPresent())
                .findFirst()
                .map(broker -> changed(
                        record, List.of(broker), broker.value(), record.leaderEpoch() + 1, record.partitionEpoch()))
                .orElse(record);
    }

    /** Whoever is back first after the loss of its tail leads, alone. */
    private static MetadataRecord withFirstBack(ClusterImage image, PartitionRecord record, Decision decision) {
        ClusterImage after = image.apply(image.index() + 1, decision.records());
        return record.lostMembers().stream()
                .map(LostMember::broker)
                .filter(broker ->
                        after.broker(broker).filter(BrokerImage::isLive).isPresent())
                .findFirst()
                .<MetadataRecord>map(broker -> new PartitionRecord(
                        record.id(),
                        record.replicas(),
                        List.of(broker),
                        List.of(),
                        List.of(),
                        broker.value(),
                        record.leaderEpoch() + 1,
                        record.partitionEpoch(),
                        record.leaderEpoch() + 1,
                        record.reassignment()))
                .orElse(record);
    }

    /** Whoever led last and leads again goes on in the old epoch. */
    private MetadataRecord withOldEpoch(ClusterImage image, PartitionRecord record) {
        Integer last = lastLeaders.get(record.id());
        PartitionRecord result = record;
        int oldEpoch =
                image.partition(record.id()).map(PartitionImage::leaderEpoch).orElse(-1);
        if (last != null && last == record.leader() && oldEpoch >= 0 && record.leaderEpoch() > oldEpoch) {
            result = changed(record, record.isr(), record.leader(), oldEpoch, record.partitionEpoch());
        }
        if (record.leader() != PartitionRecord.NO_LEADER) {
            lastLeaders.put(record.id(), record.leader());
        }
        return result;
    }

    /** Whoever left the in-sync set under the old minimum stays eligible under the new one. */
    private static Decision withoutPartitions(Decision decision) {
        List<MetadataRecord> records = decision.records().stream()
                .filter(record -> !(record instanceof PartitionRecord))
                .toList();
        return new Decision(records, decision.reply());
    }

    // ---- other replicas

    /** Whoever led before and after a replica is dropped leads on in the old epoch. */
    private static MetadataRecord withinTheEpoch(ClusterImage image, PartitionRecord record) {
        PartitionImage before = image.partition(record.id()).orElse(null);
        boolean isKept = before == null
                || before.leader() != record.leader()
                || record.replicas().stream()
                        .map(ReplicaAssignment::broker)
                        .toList()
                        .containsAll(before.replicaIds());
        return isKept
                ? record
                : changed(record, record.isr(), record.leader(), before.leaderEpoch(), record.partitionEpoch());
    }

    /** As soon as one of the target is in sync, it is all that there is, and counts as in sync. */
    private static MetadataRecord finishedEarly(ClusterImage image, PartitionRecord record) {
        List<BrokerId> target = record.reassignment().map(Reassignment::target).orElse(List.of());
        Optional<BrokerId> leader = target.stream()
                .filter(record.isr()::contains)
                .filter(broker ->
                        image.broker(broker).filter(BrokerImage::isLive).isPresent())
                .findFirst();
        if (leader.isEmpty() || record.leader() == PartitionRecord.NO_LEADER) {
            return record;
        }
        List<ReplicaAssignment> replicas = target.stream()
                .map(broker -> record.replicas().stream()
                        .filter(replica -> replica.broker().equals(broker))
                        .findFirst()
                        .orElseThrow())
                .toList();
        return new PartitionRecord(
                record.id(),
                replicas,
                target,
                List.of(),
                List.of(),
                leader.get().value(),
                image.partition(record.id()).orElseThrow().leaderEpoch() + 1,
                record.partitionEpoch(),
                record.lastUncleanEpoch(),
                Optional.empty());
    }

    private static MetadataRecord withAllInSync(PartitionRecord record) {
        boolean isAdding = record.reassignment()
                .filter(change -> !change.added().isEmpty())
                .isPresent();
        List<BrokerId> all =
                record.replicas().stream().map(ReplicaAssignment::broker).toList();
        return isAdding ? changed(record, all, record.leader(), record.leaderEpoch(), record.partitionEpoch()) : record;
    }

    /** Goes back to the replicas from before, of which the first leads. */
    private static Decision cancelled(ClusterImage image, MetadataCommand command, Decision decision) {
        if (!(command instanceof MetadataCommand.ReassignPartitions reassign)
                || !(decision.reply().result() instanceof CommandReply.Parts parts)) {
            return decision;
        }
        List<MetadataRecord> records = new ArrayList<>(decision.records());
        for (int i = 0; i < reassign.targets().size(); i++) {
            PartitionId id = reassign.targets().get(i).partition();
            PartitionImage partition = image.partition(id).orElse(null);
            if (parts.replies().get(i).error() != ErrorCode.UNSAFE_CHANGE
                    || partition == null
                    || partition.reassignment().isEmpty()) {
                continue;
            }
            partition.formerReplicas().stream()
                    .map(ReplicaAssignment::broker)
                    .filter(broker ->
                            image.broker(broker).filter(BrokerImage::isLive).isPresent())
                    .findFirst()
                    .ifPresent(leader -> records.add(new PartitionRecord(
                            id,
                            partition.formerReplicas(),
                            List.of(leader),
                            List.of(),
                            List.of(),
                            leader.value(),
                            partition.leaderEpoch() + 1,
                            partition.partitionEpoch() + 1,
                            partition.lastUncleanEpoch(),
                            Optional.empty())));
        }
        return new Decision(records, decision.reply());
    }

    private interface Change {
        MetadataRecord of(PartitionRecord record);
    }

    private static Decision mapped(Decision decision, Change change) {
        List<MetadataRecord> records = decision.records().stream()
                .map(record -> record instanceof PartitionRecord partition ? change.of(partition) : record)
                .toList();
        return new Decision(records, decision.reply());
    }

    private static PartitionRecord changed(
            PartitionRecord of, List<BrokerId> isr, int leader, int leaderEpoch, int partitionEpoch) {
        return new PartitionRecord(
                of.id(),
                of.replicas(),
                isr,
                of.eligible(),
                of.lostMembers(),
                leader,
                leaderEpoch,
                partitionEpoch,
                of.lastUncleanEpoch(),
                of.reassignment());
    }
}
