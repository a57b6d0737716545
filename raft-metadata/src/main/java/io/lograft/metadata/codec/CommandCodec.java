package io.lograft.metadata.codec;

import static io.lograft.metadata.codec.ProtoFields.brokerRef;
import static io.lograft.metadata.codec.ProtoFields.brokerRefs;
import static io.lograft.metadata.codec.ProtoFields.storedRefs;
import static io.lograft.metadata.codec.ProtoFields.topicId;
import static io.lograft.metadata.codec.ProtoFields.uuid;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.StoredCommand;
import java.util.Optional;
import java.util.TreeSet;

/** {@link MetadataCommand} in the form of the metadata log. Stateless; any thread. */
public final class CommandCodec {
    private CommandCodec() {}

    public static byte[] toBytes(MetadataCommand command) {
        return toProto(command).toByteArray();
    }

    /** Throws {@link UnknownMetadataException} for what is not a command that this version knows. */
    public static MetadataCommand fromBytes(byte[] bytes) {
        try {
            return fromProto(StoredCommand.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownMetadataException(bytes.length + " bytes that are no command", e);
        }
    }

    /** The message of the command. */
    public static StoredCommand toProto(MetadataCommand command) {
        StoredCommand.Builder stored = StoredCommand.newBuilder();
        switch (command) {
            case MetadataCommand.NoOp noOp -> stored.setNoOp(StoredCommand.NoOp.getDefaultInstance());
            case MetadataCommand.FormCluster form ->
                stored.getFormClusterBuilder()
                        .setClusterId(form.clusterId())
                        .setMetadataVersion(form.metadataVersion());
            case MetadataCommand.RegisterBroker register -> stored.setRegisterBroker(registerBroker(register));
            case MetadataCommand.UnfenceBroker unfence -> stored.setUnfenceBroker(unfenceBroker(unfence));
            case MetadataCommand.FenceBrokers fence ->
                stored.getFenceBrokersBuilder().addAllBrokers(storedRefs(fence.brokers()));
            case MetadataCommand.DrainBroker drain ->
                stored.getDrainBrokerBuilder()
                        .setBroker(brokerRef(drain.broker()))
                        .setOnlyIfSafe(drain.onlyIfSafe());
            case MetadataCommand.ReportDirectories report ->
                stored.setReportDirectories(DirectoryCodec.toProto(report));
            case MetadataCommand.AssignDirectories assign ->
                stored.setAssignDirectories(DirectoryCodec.toProto(assign));
            case MetadataCommand.CreateTopic create -> stored.setCreateTopic(createTopic(create));
            case MetadataCommand.DeleteTopic delete ->
                stored.getDeleteTopicBuilder()
                        .setName(delete.name())
                        .setTopicId(delete.id().map(ProtoFields::bytes).orElse(ByteString.EMPTY));
            case MetadataCommand.AddPartitions add ->
                stored.getAddPartitionsBuilder()
                        .setName(add.name())
                        .setPartitionCount(add.partitionCount())
                        .setPlacementSeed(add.placementSeed());
            case MetadataCommand.AlterTopic alter ->
                stored.getAlterTopicBuilder()
                        .setName(alter.name())
                        .addAllSet(ProtoFields.configs(alter.set()))
                        .addAllRemove(alter.remove())
                        .setValidateOnly(alter.validateOnly());
            case MetadataCommand.AlterIsr alter ->
                stored.getAlterIsrBuilder()
                        .addAllProposals(alter.proposals().stream()
                                .map(CommandCodec::proposal)
                                .toList());
            case MetadataCommand.AllocateProducerIds allocate ->
                stored.getAllocateProducerIdsBuilder()
                        .setBroker(brokerRef(allocate.broker()))
                        .setCount(allocate.count());
            case MetadataCommand.ElectPreferredLeaders elect ->
                stored.getElectPreferredLeadersBuilder().setPartitionsMax(elect.partitionsMax());
            case MetadataCommand.HandOverLeadership handOver -> stored.setHandOver(LeadershipCodec.toProto(handOver));
            case MetadataCommand.ReassignPartitions reassign ->
                stored.setReassignPartitions(ReassignmentCodec.toProto(reassign));
            case MetadataCommand.ElectLeaders elect -> stored.setElectLeaders(LeadershipCodec.toProto(elect));
        }
        return stored.build();
    }

    /** Throws {@link UnknownMetadataException} for what is not a command that this version knows. */
    public static MetadataCommand fromProto(StoredCommand stored) {
        requireKnown(stored);
        try {
            return known(stored);
        } catch (IllegalArgumentException e) {
            throw new UnknownMetadataException(
                    "impossible value in command " + stored.getCommandCase() + ": " + e.getMessage(), e);
        }
    }

    private static MetadataCommand known(StoredCommand stored) {
        return switch (stored.getCommandCase()) {
            case NO_OP -> new MetadataCommand.NoOp();
            case FORM_CLUSTER ->
                new MetadataCommand.FormCluster(
                        stored.getFormCluster().getClusterId(),
                        stored.getFormCluster().getMetadataVersion());
            case REGISTER_BROKER -> registerBroker(stored.getRegisterBroker());
            case UNFENCE_BROKER ->
                new MetadataCommand.UnfenceBroker(
                        brokerRef(stored.getUnfenceBroker().getBroker()),
                        stored.getUnfenceBroker().getLostList().stream()
                                .map(CommandCodec::lostReplica)
                                .toList());
            case FENCE_BROKERS ->
                new MetadataCommand.FenceBrokers(
                        brokerRefs(stored.getFenceBrokers().getBrokersList()));
            case DRAIN_BROKER ->
                new MetadataCommand.DrainBroker(
                        brokerRef(stored.getDrainBroker().getBroker()),
                        stored.getDrainBroker().getOnlyIfSafe());
            case CREATE_TOPIC -> createTopic(stored.getCreateTopic());
            case DELETE_TOPIC ->
                new MetadataCommand.DeleteTopic(
                        stored.getDeleteTopic().getName(),
                        optionalTopicId(stored.getDeleteTopic().getTopicId()));
            case ADD_PARTITIONS ->
                new MetadataCommand.AddPartitions(
                        stored.getAddPartitions().getName(),
                        stored.getAddPartitions().getPartitionCount(),
                        stored.getAddPartitions().getPlacementSeed());
            case ALTER_TOPIC ->
                new MetadataCommand.AlterTopic(
                        stored.getAlterTopic().getName(),
                        ProtoFields.configs(stored.getAlterTopic().getSetList()),
                        new TreeSet<>(stored.getAlterTopic().getRemoveList()),
                        stored.getAlterTopic().getValidateOnly());
            case ALTER_ISR ->
                new MetadataCommand.AlterIsr(stored.getAlterIsr().getProposalsList().stream()
                        .map(CommandCodec::proposal)
                        .toList());
            case ALLOCATE_PRODUCER_IDS ->
                new MetadataCommand.AllocateProducerIds(
                        brokerRef(stored.getAllocateProducerIds().getBroker()),
                        stored.getAllocateProducerIds().getCount());
            case ELECT_PREFERRED_LEADERS ->
                new MetadataCommand.ElectPreferredLeaders(
                        stored.getElectPreferredLeaders().getPartitionsMax());
            case HAND_OVER -> LeadershipCodec.fromProto(stored.getHandOver());
            case REASSIGN_PARTITIONS -> ReassignmentCodec.fromProto(stored.getReassignPartitions());
            case ELECT_LEADERS -> LeadershipCodec.fromProto(stored.getElectLeaders());
            case REPORT_DIRECTORIES -> DirectoryCodec.fromProto(stored.getReportDirectories());
            case ASSIGN_DIRECTORIES -> DirectoryCodec.fromProto(stored.getAssignDirectories());
            case COMMAND_NOT_SET -> throw new UnknownMetadataException("a command that names nothing");
        };
    }

    private static void requireKnown(StoredCommand stored) {
        ProtoFields.requireKnown("command " + stored.getCommandCase(), stored);
        for (Object value : stored.getAllFields().values()) {
            ProtoFields.requireKnown("command " + stored.getCommandCase(), (Message) value);
        }
    }

    private static StoredCommand.RegisterBroker registerBroker(MetadataCommand.RegisterBroker register) {
        return StoredCommand.RegisterBroker.newBuilder()
                .setBrokerId(register.id().value())
                .setIncarnation(ProtoFields.bytes(register.incarnation()))
                .setClusterId(register.clusterId())
                .setAddress(ProtoFields.address(register.address()))
                .addAllDirectories(ProtoFields.directoryBytes(register.directories()))
                .setHasOfflineDirectories(!register.isComplete())
                .setReplaceLive(register.replaceLive())
                .build();
    }

    private static MetadataCommand.RegisterBroker registerBroker(StoredCommand.RegisterBroker stored) {
        return new MetadataCommand.RegisterBroker(
                new BrokerId(stored.getBrokerId()),
                uuid(stored.getIncarnation()),
                stored.getClusterId(),
                ProtoFields.address(stored.getAddress()),
                ProtoFields.directoryIds(stored.getDirectoriesList()),
                !stored.getHasOfflineDirectories(),
                stored.getReplaceLive());
    }

    private static StoredCommand.UnfenceBroker unfenceBroker(MetadataCommand.UnfenceBroker unfence) {
        StoredCommand.UnfenceBroker.Builder stored =
                StoredCommand.UnfenceBroker.newBuilder().setBroker(brokerRef(unfence.broker()));
        for (LostReplica lost : unfence.lost()) {
            stored.addLostBuilder()
                    .setTopicId(ProtoFields.bytes(lost.partition().topic()))
                    .setPartition(lost.partition().partition())
                    .setCause(ProtoFields.cause(lost.cause()))
                    .setLastRecordEpoch(lost.lastRecordEpoch())
                    .setLogEndOffset(lost.logEndOffset());
        }
        return stored.build();
    }

    private static LostReplica lostReplica(StoredCommand.LostReplica stored) {
        return new LostReplica(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                ProtoFields.cause(stored.getCause()),
                stored.getLastRecordEpoch(),
                stored.getLogEndOffset());
    }

    private static StoredCommand.CreateTopic createTopic(MetadataCommand.CreateTopic create) {
        StoredCommand.CreateTopic.Builder stored = StoredCommand.CreateTopic.newBuilder()
                .setTopicId(ProtoFields.bytes(create.id()))
                .setName(create.name())
                .setPartitionCount(create.partitionCount())
                .setReplicationFactor(create.replicationFactor())
                .addAllConfigs(ProtoFields.configs(create.configs()))
                .setPlacementSeed(create.placementSeed())
                .setInternal(create.internal())
                .setValidateOnly(create.validateOnly());
        stored.getDefaultsBuilder()
                .setPartitionCount(create.defaults().partitionCount())
                .setReplicationFactor(create.defaults().replicationFactor())
                .setMinInsyncReplicas(create.defaults().minInsyncReplicas())
                .setFlushMode(ProtoFields.flushMode(create.defaults().flushMode()));
        return stored.build();
    }

    private static MetadataCommand.CreateTopic createTopic(StoredCommand.CreateTopic stored) {
        StoredCommand.CreateTopic.Defaults defaults = stored.getDefaults();
        ProtoFields.requireKnown("command CREATE_TOPIC", defaults);
        return new MetadataCommand.CreateTopic(
                topicId(stored.getTopicId()),
                stored.getName(),
                stored.getPartitionCount(),
                stored.getReplicationFactor(),
                ProtoFields.configs(stored.getConfigsList()),
                new TopicDefaults(
                        defaults.getPartitionCount(),
                        defaults.getReplicationFactor(),
                        defaults.getMinInsyncReplicas(),
                        ProtoFields.flushMode(defaults.getFlushMode())),
                stored.getPlacementSeed(),
                stored.getInternal(),
                stored.getValidateOnly());
    }

    private static StoredCommand.AlterIsr.Proposal proposal(IsrProposal proposal) {
        return StoredCommand.AlterIsr.Proposal.newBuilder()
                .setTopicId(ProtoFields.bytes(proposal.partition().topic()))
                .setPartition(proposal.partition().partition())
                .setLeader(brokerRef(proposal.leader()))
                .setLeaderEpoch(proposal.leaderEpoch())
                .setPartitionEpoch(proposal.partitionEpoch())
                .addAllMembers(storedRefs(proposal.members()))
                .build();
    }

    private static IsrProposal proposal(StoredCommand.AlterIsr.Proposal stored) {
        ProtoFields.requireKnown("command ALTER_ISR", stored);
        return new IsrProposal(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                brokerRef(stored.getLeader()),
                stored.getLeaderEpoch(),
                stored.getPartitionEpoch(),
                brokerRefs(stored.getMembersList()));
    }

    private static Optional<TopicId> optionalTopicId(ByteString bytes) {
        return bytes.isEmpty() ? Optional.empty() : Optional.of(topicId(bytes));
    }
}
