package io.lograft.metadata.codec;

import static io.lograft.metadata.codec.ProtoFields.topicId;

import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.command.Reassignment;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.StoredCommand;
import io.lograft.proto.v1.StoredRecord;

/** Other replicas of partitions, in the form of the metadata log. Stateless; any thread. */
final class ReassignmentCodec {
    private ReassignmentCodec() {}

    static StoredCommand.ReassignPartitions toProto(MetadataCommand.ReassignPartitions reassign) {
        StoredCommand.ReassignPartitions.Builder stored = StoredCommand.ReassignPartitions.newBuilder()
                .setThrottleBytesPerSecond(reassign.throttleBytesPerSecond())
                .setValidateOnly(reassign.validateOnly());
        for (PartitionTarget target : reassign.targets()) {
            stored.addTargetsBuilder()
                    .setTopicId(ProtoFields.bytes(target.partition().topic()))
                    .setPartition(target.partition().partition())
                    .addAllReplicas(ProtoFields.idNumbers(target.replicas()));
        }
        return stored.build();
    }

    static MetadataCommand.ReassignPartitions fromProto(StoredCommand.ReassignPartitions stored) {
        return new MetadataCommand.ReassignPartitions(
                stored.getTargetsList().stream().map(ReassignmentCodec::target).toList(),
                stored.getThrottleBytesPerSecond(),
                stored.getValidateOnly());
    }

    private static PartitionTarget target(StoredCommand.ReassignPartitions.Target stored) {
        ProtoFields.requireKnown("command REASSIGN_PARTITIONS", stored);
        return new PartitionTarget(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                ProtoFields.brokerIds(stored.getReplicasList()));
    }

    static StoredRecord.Reassignment toProto(Reassignment reassignment) {
        return StoredRecord.Reassignment.newBuilder()
                .addAllTarget(ProtoFields.idNumbers(reassignment.target()))
                .addAllAdded(ProtoFields.idNumbers(reassignment.added()))
                .setThrottleBytesPerSecond(reassignment.throttleBytesPerSecond())
                .build();
    }

    static Reassignment fromProto(StoredRecord.Reassignment stored) {
        ProtoFields.requireKnown("record PARTITION", stored);
        return new Reassignment(
                ProtoFields.brokerIds(stored.getTargetList()),
                ProtoFields.brokerIds(stored.getAddedList()),
                stored.getThrottleBytesPerSecond());
    }
}
