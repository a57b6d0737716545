package io.lograft.metadata.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.LossCause;
import io.lograft.proto.v1.StoredBrokerAddress;
import io.lograft.proto.v1.StoredBrokerRef;
import io.lograft.proto.v1.StoredConfig;
import io.lograft.proto.v1.StoredFlushMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** The fields that commands and records share, in both directions. */
final class ProtoFields {
    private static final int UUID_BYTES = 16;

    private ProtoFields() {}

    static ByteString bytes(TopicId id) {
        return ByteString.copyFrom(id.toBytes());
    }

    static TopicId topicId(ByteString bytes) {
        return TopicId.fromBytes(bytes.toByteArray());
    }

    static ByteString bytes(UUID id) {
        ByteBuffer buffer = ByteBuffer.allocate(UUID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip();
        return ByteString.copyFrom(buffer);
    }

    static UUID uuid(ByteString bytes) {
        if (bytes.size() != UUID_BYTES) {
            throw new IllegalArgumentException("an id has 16 bytes, not " + bytes.size());
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /** An unassigned directory is stored as nothing. */
    static ByteString bytes(DirectoryId id) {
        return id.isAssigned() ? bytes(id.value()) : ByteString.EMPTY;
    }

    static DirectoryId directoryId(ByteString bytes) {
        return bytes.isEmpty() ? DirectoryId.UNASSIGNED : new DirectoryId(uuid(bytes));
    }

    static List<ByteString> directoryBytes(List<DirectoryId> ids) {
        return ids.stream().map(ProtoFields::bytes).toList();
    }

    static List<DirectoryId> directoryIds(List<ByteString> bytes) {
        return bytes.stream().map(ProtoFields::directoryId).toList();
    }

    static StoredBrokerRef brokerRef(BrokerRef ref) {
        return StoredBrokerRef.newBuilder()
                .setId(ref.id().value())
                .setEpoch(ref.epoch())
                .build();
    }

    static BrokerRef brokerRef(StoredBrokerRef ref) {
        return new BrokerRef(new BrokerId(ref.getId()), ref.getEpoch());
    }

    static List<StoredBrokerRef> storedRefs(List<BrokerRef> refs) {
        return refs.stream().map(ProtoFields::brokerRef).toList();
    }

    static List<BrokerRef> brokerRefs(List<StoredBrokerRef> refs) {
        return refs.stream().map(ProtoFields::brokerRef).toList();
    }

    static List<Integer> idNumbers(List<BrokerId> ids) {
        return ids.stream().map(BrokerId::value).toList();
    }

    static List<BrokerId> brokerIds(List<Integer> numbers) {
        return numbers.stream().map(BrokerId::new).toList();
    }

    static StoredBrokerAddress address(BrokerAddress address) {
        return StoredBrokerAddress.newBuilder()
                .setHost(address.host())
                .setPort(address.port())
                .setRaft(address.raft())
                .build();
    }

    static BrokerAddress address(StoredBrokerAddress address) {
        return new BrokerAddress(address.getHost(), address.getPort(), address.getRaft());
    }

    /** In the order of the keys, so that equal configurations have equal bytes. */
    static List<StoredConfig> configs(SortedMap<String, String> configs) {
        List<StoredConfig> stored = new ArrayList<>(configs.size());
        for (Map.Entry<String, String> entry : configs.entrySet()) {
            stored.add(StoredConfig.newBuilder()
                    .setKey(entry.getKey())
                    .setValue(entry.getValue())
                    .build());
        }
        return stored;
    }

    static SortedMap<String, String> configs(List<StoredConfig> stored) {
        SortedMap<String, String> configs = new TreeMap<>();
        for (StoredConfig config : stored) {
            configs.put(config.getKey(), config.getValue());
        }
        return configs;
    }

    static StoredFlushMode flushMode(FlushMode mode) {
        return switch (mode) {
            case COMMIT -> StoredFlushMode.STORED_FLUSH_MODE_COMMIT;
            case OS -> StoredFlushMode.STORED_FLUSH_MODE_OS;
        };
    }

    static FlushMode flushMode(StoredFlushMode mode) {
        return switch (mode) {
            case STORED_FLUSH_MODE_COMMIT -> FlushMode.COMMIT;
            case STORED_FLUSH_MODE_OS -> FlushMode.OS;
            case STORED_FLUSH_MODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new UnknownMetadataException("flush mode " + mode + " is not known to this version");
        };
    }

    static LossCause cause(LostReplica.Cause cause) {
        return switch (cause) {
            case DISK -> LossCause.LOSS_CAUSE_DISK;
            case UNFLUSHED_TAIL -> LossCause.LOSS_CAUSE_UNFLUSHED_TAIL;
        };
    }

    static LostReplica.Cause cause(LossCause cause) {
        return switch (cause) {
            case LOSS_CAUSE_DISK -> LostReplica.Cause.DISK;
            case LOSS_CAUSE_UNFLUSHED_TAIL -> LostReplica.Cause.UNFLUSHED_TAIL;
            case LOSS_CAUSE_UNSPECIFIED, UNRECOGNIZED ->
                throw new UnknownMetadataException("cause of loss " + cause + " is not known to this version");
        };
    }

    /** Fails where the message has fields that this version does not know. */
    static void requireKnown(String what, Message message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new UnknownMetadataException(what + " with unknown fields "
                    + message.getUnknownFields().asMap().keySet() + "; it was written by a newer version");
        }
    }
}
