package io.lograft.metadata.codec;

import static io.lograft.metadata.codec.ProtoFields.topicId;
import static io.lograft.metadata.codec.ProtoFields.uuid;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.StoredRecord;
import java.util.Optional;

/** {@link MetadataRecord} in the form of the store and of the controller's stream of changes. Any thread. */
public final class RecordCodec {
    private RecordCodec() {}

    public static byte[] toBytes(MetadataRecord record) {
        return toProto(record).toByteArray();
    }

    /** Throws {@link UnknownMetadataException} for what is not a record that this version knows. */
    public static MetadataRecord fromBytes(byte[] bytes) {
        try {
            return fromProto(StoredRecord.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownMetadataException(bytes.length + " bytes that are no record", e);
        }
    }

    /** The message of the record. */
    public static StoredRecord toProto(MetadataRecord record) {
        StoredRecord.Builder stored = StoredRecord.newBuilder();
        switch (record) {
            case MetadataRecord.ClusterRecord cluster ->
                stored.getClusterBuilder()
                        .setClusterId(cluster.clusterId())
                        .setMetadataVersion(cluster.metadataVersion());
            case MetadataRecord.ProducerIdsRecord ids ->
                stored.getProducerIdsBuilder().setNextProducerId(ids.nextProducerId());
            case MetadataRecord.BrokerRecord broker -> stored.setBroker(broker(broker));
            case MetadataRecord.TopicRecord topic -> stored.setTopic(topic(topic));
            case MetadataRecord.PartitionRecord partition -> stored.setPartition(partition(partition));
            case MetadataRecord.RemoveTopicRecord removed ->
                stored.getRemoveTopicBuilder()
                        .setTopicId(ProtoFields.bytes(removed.id()))
                        .setPartitionCount(removed.partitionCount());
        }
        return stored.build();
    }

    /** Throws {@link UnknownMetadataException} for what is not a record that this version knows. */
    public static MetadataRecord fromProto(StoredRecord stored) {
        ProtoFields.requireKnown("record " + stored.getRecordCase(), stored);
        for (Object value : stored.getAllFields().values()) {
            ProtoFields.requireKnown("record " + stored.getRecordCase(), (Message) value);
        }
        try {
            return known(stored);
        } catch (IllegalArgumentException e) {
            throw new UnknownMetadataException(
                    "impossible value in record " + stored.getRecordCase() + ": " + e.getMessage(), e);
        }
    }

    private static MetadataRecord known(StoredRecord stored) {
        return switch (stored.getRecordCase()) {
            case CLUSTER ->
                new MetadataRecord.ClusterRecord(
                        stored.getCluster().getClusterId(), stored.getCluster().getMetadataVersion());
            case PRODUCER_IDS ->
                new MetadataRecord.ProducerIdsRecord(stored.getProducerIds().getNextProducerId());
            case BROKER -> broker(stored.getBroker());
            case TOPIC -> topic(stored.getTopic());
            case PARTITION -> partition(stored.getPartition());
            case REMOVE_TOPIC ->
                new MetadataRecord.RemoveTopicRecord(
                        topicId(stored.getRemoveTopic().getTopicId()),
                        stored.getRemoveTopic().getPartitionCount());
            case RECORD_NOT_SET -> throw new UnknownMetadataException("a record that names nothing");
        };
    }

    private static StoredRecord.Broker broker(MetadataRecord.BrokerRecord broker) {
        return StoredRecord.Broker.newBuilder()
                .setBrokerId(broker.id().value())
                .setEpoch(broker.epoch())
                .setIncarnation(ProtoFields.bytes(broker.incarnation()))
                .setAddress(ProtoFields.address(broker.address()))
                .addAllDirectories(
                        ProtoFields.directoryBytes(broker.directories().usable()))
                .addAllFullDirectories(
                        ProtoFields.directoryBytes(broker.directories().full()))
                .addAllOfflineDirectories(broker.directories().offline().stream()
                        .map(RecordCodec::offline)
                        .toList())
                .setFenced(broker.fenced())
                .setDraining(broker.draining())
                .setLastUnfencedEpoch(broker.lastUnfencedEpoch())
                .build();
    }

    private static MetadataRecord.BrokerRecord broker(StoredRecord.Broker stored) {
        return new MetadataRecord.BrokerRecord(
                new BrokerId(stored.getBrokerId()),
                stored.getEpoch(),
                uuid(stored.getIncarnation()),
                ProtoFields.address(stored.getAddress()),
                new BrokerDirectories(
                        ProtoFields.directoryIds(stored.getDirectoriesList()),
                        ProtoFields.directoryIds(stored.getFullDirectoriesList()),
                        stored.getOfflineDirectoriesList().stream()
                                .map(RecordCodec::offline)
                                .toList()),
                stored.getFenced(),
                stored.getDraining(),
                stored.getLastUnfencedEpoch());
    }

    private static StoredRecord.OfflineDirectory offline(BrokerDirectories.Offline directory) {
        return StoredRecord.OfflineDirectory.newBuilder()
                .setDirectory(ProtoFields.bytes(directory.id()))
                .setLastUnfencedEpoch(directory.lastUnfencedEpoch())
                .build();
    }

    private static BrokerDirectories.Offline offline(StoredRecord.OfflineDirectory stored) {
        ProtoFields.requireKnown("record BROKER", stored);
        return new BrokerDirectories.Offline(
                ProtoFields.directoryId(stored.getDirectory()), stored.getLastUnfencedEpoch());
    }

    private static StoredRecord.Topic topic(MetadataRecord.TopicRecord topic) {
        return StoredRecord.Topic.newBuilder()
                .setTopicId(ProtoFields.bytes(topic.id()))
                .setName(topic.name())
                .setMinInsyncReplicas(topic.minInsyncReplicas())
                .setFlushMode(ProtoFields.flushMode(topic.flushMode()))
                .addAllConfigs(ProtoFields.configs(topic.configs()))
                .setInternal(topic.internal())
                .build();
    }

    private static MetadataRecord.TopicRecord topic(StoredRecord.Topic stored) {
        return new MetadataRecord.TopicRecord(
                topicId(stored.getTopicId()),
                stored.getName(),
                stored.getMinInsyncReplicas(),
                ProtoFields.flushMode(stored.getFlushMode()),
                ProtoFields.configs(stored.getConfigsList()),
                stored.getInternal());
    }

    private static StoredRecord.Partition partition(MetadataRecord.PartitionRecord partition) {
        StoredRecord.Partition.Builder stored = StoredRecord.Partition.newBuilder()
                .setTopicId(ProtoFields.bytes(partition.id().topic()))
                .setPartition(partition.id().partition())
                .addAllIsr(ProtoFields.idNumbers(partition.isr()))
                .addAllEligible(ProtoFields.idNumbers(partition.eligible()))
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .setLastUncleanEpoch(partition.lastUncleanEpoch());
        for (ReplicaAssignment replica : partition.replicas()) {
            stored.addReplicasBuilder()
                    .setBrokerId(replica.broker().value())
                    .setDirectory(ProtoFields.bytes(replica.directory()));
        }
        for (LostMember lost : partition.lostMembers()) {
            stored.addLostMembersBuilder()
                    .setBrokerId(lost.broker().value())
                    .setCause(ProtoFields.cause(lost.cause()))
                    .setLastRecordEpoch(lost.lastRecordEpoch())
                    .setLogEndOffset(lost.logEndOffset());
        }
        partition
                .reassignment()
                .ifPresent(reassignment -> stored.setReassignment(ReassignmentCodec.toProto(reassignment)));
        return stored.build();
    }

    private static MetadataRecord.PartitionRecord partition(StoredRecord.Partition stored) {
        return new MetadataRecord.PartitionRecord(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                stored.getReplicasList().stream().map(RecordCodec::replica).toList(),
                ProtoFields.brokerIds(stored.getIsrList()),
                ProtoFields.brokerIds(stored.getEligibleList()),
                stored.getLostMembersList().stream()
                        .map(RecordCodec::lostMember)
                        .toList(),
                stored.getLeader(),
                stored.getLeaderEpoch(),
                stored.getPartitionEpoch(),
                stored.getLastUncleanEpoch(),
                stored.hasReassignment()
                        ? Optional.of(ReassignmentCodec.fromProto(stored.getReassignment()))
                        : Optional.empty());
    }

    private static ReplicaAssignment replica(StoredRecord.Replica stored) {
        return new ReplicaAssignment(
                new BrokerId(stored.getBrokerId()), ProtoFields.directoryId(stored.getDirectory()));
    }

    private static LostMember lostMember(StoredRecord.LostMember stored) {
        return new LostMember(
                new BrokerId(stored.getBrokerId()),
                ProtoFields.cause(stored.getCause()),
                stored.getLastRecordEpoch(),
                stored.getLogEndOffset());
    }
}
