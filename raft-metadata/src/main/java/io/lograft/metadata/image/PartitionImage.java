package io.lograft.metadata.image;

import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
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
        int lastUncleanEpoch) {

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
                record.lastUncleanEpoch());
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
                lastUncleanEpoch);
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

    public boolean isUnderReplicated() {
        return isr.size() < replicas.size();
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
