package io.lograft.metadata.image;

import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;

/** A partition; the components are those of {@link PartitionRecord}, {@code partition} is its number in the topic. */
public record PartitionImage(
        int partition,
        List<ReplicaAssignment> replicas,
        List<BrokerId> isr,
        List<BrokerId> eligible,
        List<LostMember> lostMembers,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        int lastUncleanEpoch,
        Optional<Reassignment> reassignment) {

    static PartitionImage of(PartitionRecord record) {
        return new PartitionImage(
                record.id().partition(),
                record.replicas(),
                record.isr(),
                record.eligible(),
                record.lostMembers(),
                record.leader(),
                record.leaderEpoch(),
                record.partitionEpoch(),
                record.lastUncleanEpoch(),
                record.reassignment());
    }

    public PartitionRecord toRecord(TopicId topic) {
        return new PartitionRecord(
                new PartitionId(topic, partition),
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

    public boolean hasLeader() {
        return leader != PartitionRecord.NO_LEADER;
    }

    public boolean isLedBy(BrokerId broker) {
        return leader == broker.value();
    }

    /** True where the present leader was chosen outside both sets, so that committed records may be gone. */
    public boolean isUnclean() {
        return hasLeader() && lastUncleanEpoch == leaderEpoch;
    }

    /** True where fewer are in sync than it has replicas, or had before they began to change. */
    public boolean isUnderReplicated() {
        return isr.size() < formerReplicaCount();
    }

    /** How many replicas it has, without those that a reassignment adds. */
    public int formerReplicaCount() {
        return replicas.size()
                - reassignment.map(change -> change.added().size()).orElse(0);
    }

    /** The replicas without those that a reassignment adds, in assignment order. */
    public List<ReplicaAssignment> formerReplicas() {
        return replicas.subList(0, formerReplicaCount());
    }

    /** How many replicas it has, or will have once the reassignment under way is done. */
    public int wantedReplicaCount() {
        return reassignment.map(change -> change.target().size()).orElse(replicas.size());
    }

    /** Ids of the replicas in assignment order. */
    public List<BrokerId> replicaIds() {
        return replicas.stream().map(ReplicaAssignment::broker).toList();
    }

    /** The replica at that broker. */
    public Optional<ReplicaAssignment> replica(BrokerId broker) {
        return replicas.stream()
                .filter(replica -> replica.broker().equals(broker))
                .findFirst();
    }

    public boolean isReplica(BrokerId broker) {
        for (ReplicaAssignment replica : replicas) {
            if (replica.broker().equals(broker)) {
                return true;
            }
        }
        return false;
    }
}
