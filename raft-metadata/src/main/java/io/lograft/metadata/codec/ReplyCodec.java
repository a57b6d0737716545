package io.lograft.metadata.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.metadata.command.CommandReply;
import io.lograft.proto.v1.StoredReply;
import io.lograft.wire.ErrorCodes;

/** {@link CommandReply} in the form in which it goes back to the sender of the command. Any thread. */
public final class ReplyCodec {
    private ReplyCodec() {}

    public static byte[] toBytes(CommandReply reply) {
        return toProto(reply).toByteArray();
    }

    /** Throws {@link UnknownMetadataException} for what is not a reply. */
    public static CommandReply fromBytes(byte[] bytes) {
        try {
            return fromProto(StoredReply.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new UnknownMetadataException(bytes.length + " bytes that are no reply", e);
        }
    }

    /** The message of the reply. */
    public static StoredReply toProto(CommandReply reply) {
        StoredReply.Builder stored = StoredReply.newBuilder()
                .setError(ErrorCodes.toProto(reply.error()))
                .setMessage(reply.message());
        switch (reply.result()) {
            case CommandReply.Nothing nothing -> stored.clearResult();
            case CommandReply.Registered registered ->
                stored.getRegisteredBuilder().setBrokerEpoch(registered.brokerEpoch());
            case CommandReply.TopicOutcome topic ->
                stored.getTopicBuilder()
                        .setTopicId(ProtoFields.bytes(topic.id()))
                        .setPartitionCount(topic.partitionCount())
                        .setReplicationFactor(topic.replicationFactor());
            case CommandReply.ProducerIdBlock block ->
                stored.getProducerIdsBuilder().setFirst(block.first()).setCount(block.count());
            case CommandReply.PartitionsChanged changed ->
                stored.getPartitionsChangedBuilder().setCount(changed.count());
            case CommandReply.Parts parts ->
                stored.getPartsBuilder()
                        .addAllReplies(parts.replies().stream()
                                .map(ReplyCodec::toProto)
                                .toList());
        }
        return stored.build();
    }

    /** A result that this version does not know is read as nothing: only commands and records must be understood. */
    public static CommandReply fromProto(StoredReply stored) {
        CommandReply.Result result = switch (stored.getResultCase()) {
            case REGISTERED ->
                new CommandReply.Registered(stored.getRegistered().getBrokerEpoch());
            case TOPIC ->
                new CommandReply.TopicOutcome(
                        ProtoFields.topicId(stored.getTopic().getTopicId()),
                        stored.getTopic().getPartitionCount(),
                        stored.getTopic().getReplicationFactor());
            case PRODUCER_IDS ->
                new CommandReply.ProducerIdBlock(
                        stored.getProducerIds().getFirst(),
                        stored.getProducerIds().getCount());
            case PARTITIONS_CHANGED ->
                new CommandReply.PartitionsChanged(stored.getPartitionsChanged().getCount());
            case PARTS ->
                new CommandReply.Parts(stored.getParts().getRepliesList().stream()
                        .map(ReplyCodec::fromProto)
                        .toList());
            case RESULT_NOT_SET -> new CommandReply.Nothing();
        };
        return new CommandReply(ErrorCodes.fromProto(stored.getError()), stored.getMessage(), result);
    }
}
