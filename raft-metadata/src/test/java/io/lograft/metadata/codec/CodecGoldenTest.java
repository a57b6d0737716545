package io.lograft.metadata.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.LostMember;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.StoredCommand;
import io.lograft.proto.v1.StoredRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The bytes of every command, record and reply. They are on disks for ever: a change of the golden file that is more
 * than new lines is a change that old logs do not survive. Rewrite with {@code -Dlograft.rewrite=true}.
 */
final class CodecGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/metadata-log.txt");
    private static final TopicId TOPIC = new TopicId(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    private static final PartitionId PARTITION = new PartitionId(TOPIC, 3);
    private static final DirectoryId DIRECTORY = new DirectoryId(new UUID(1, 2));
    private static final BrokerAddress ADDRESS = new BrokerAddress("broker-1", 7400, "broker-1:7401");
    private static final BrokerRef REF = new BrokerRef(new BrokerId(1), 300);
    private static final UUID INCARNATION = new UUID(0x1111L, 0x2222L);

    @Test
    void theBytesAreTheGoldenOnes() throws IOException {
        Map<String, byte[]> bytes = encoded();
        String text = bytes.entrySet().stream()
                .map(entry -> entry.getKey() + " " + HexFormat.of().formatHex(entry.getValue()) + "\n")
                .collect(Collectors.joining());
        if (Boolean.getBoolean("lograft.rewrite")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, text);
        }
        assertThat(GOLDEN).as("rewrite it with -Dlograft.rewrite=true").hasContent(text);
    }

    @Test
    void theGoldenBytesAreReadBack() throws IOException {
        Map<String, byte[]> golden = new HashMap<>();
        for (String line : Files.readAllLines(GOLDEN)) {
            String[] parts = line.split(" ", -1);
            golden.put(parts[0], HexFormat.of().parseHex(parts[1]));
        }
        for (MetadataCommand command : commands()) {
            assertThat(CommandCodec.fromBytes(golden.get(name("command", command))))
                    .isEqualTo(command);
        }
        for (MetadataRecord record : records()) {
            assertThat(RecordCodec.fromBytes(golden.get(name("record", record))))
                    .isEqualTo(record);
        }
        for (CommandReply reply : replies()) {
            assertThat(ReplyCodec.fromBytes(golden.get(name("reply", reply.result()))))
                    .isEqualTo(reply);
        }
    }

    @Test
    void everyKindIsInTheGoldenFile() {
        assertThat(kinds(commands())).isEqualTo(Set.of(MetadataCommand.class.getPermittedSubclasses()));
        Set<Class<?>> records = kinds(records());
        for (Class<?> kind : MetadataRecord.class.getPermittedSubclasses()) {
            assertThat(records).anyMatch(kind::isAssignableFrom);
        }
        assertThat(replies().stream().map(reply -> reply.result().getClass()).collect(Collectors.toSet()))
                .isEqualTo(Set.of(CommandReply.Result.class.getPermittedSubclasses()));
    }

    @Test
    void aDrainThatAsksForSafetyDiffersInOneFieldOnly() {
        byte[] plain = CommandCodec.toBytes(new MetadataCommand.DrainBroker(REF));
        byte[] safe = CommandCodec.toBytes(new MetadataCommand.DrainBroker(REF, true));
        assertThat(HexFormat.of().formatHex(plain)).isEqualTo("32070a05080110ac02");
        assertThat(HexFormat.of().formatHex(safe)).isEqualTo("32090a05080110ac021001");
        assertThat(CommandCodec.fromBytes(safe)).isEqualTo(new MetadataCommand.DrainBroker(REF, true));
    }

    @Test
    void aPartitionOnItsWayToOtherReplicasDiffersInOneFieldOnly() {
        Reassignment change =
                new Reassignment(List.of(new BrokerId(1), new BrokerId(0)), List.of(new BrokerId(1)), 300);
        List<ReplicaAssignment> replicas = List.of(
                new ReplicaAssignment(new BrokerId(0), DIRECTORY), new ReplicaAssignment(new BrokerId(1), DIRECTORY));
        List<BrokerId> isr = List.of(new BrokerId(0));
        MetadataRecord still = new MetadataRecord.PartitionRecord(
                PARTITION, replicas, isr, List.of(), List.of(), 0, 1, 2, -1, Optional.empty());
        MetadataRecord moving = new MetadataRecord.PartitionRecord(
                PARTITION, replicas, isr, List.of(), List.of(), 0, 1, 2, -1, Optional.of(change));
        String plain = HexFormat.of()
                .formatHex(RecordCodec.toProto(still).getPartition().toByteArray());
        String longer = HexFormat.of()
                .formatHex(RecordCodec.toProto(moving).getPartition().toByteArray());
        assertThat(longer).isEqualTo(plain + "5a0a" + "0a020100" + "120101" + "18ac02");
        assertThat(RecordCodec.fromBytes(RecordCodec.toBytes(moving))).isEqualTo(moving);
    }

    @Test
    void equalSettingsHaveEqualBytesInWhateverOrderTheyCame() {
        Map<String, String> backwards = new LinkedHashMap<>();
        backwards.put("segment.bytes", "1048576");
        backwards.put("retention.ms", "1000");
        MetadataRecord.TopicRecord record =
                new MetadataRecord.TopicRecord(TOPIC, "orders", 2, FlushMode.OS, new TreeMap<>(backwards), true);
        assertThat(RecordCodec.toBytes(record))
                .isEqualTo(RecordCodec.toBytes(records().get(3)));
    }

    @Test
    void whatIsNotKnownIsNamed() {
        byte[] newCommand = StoredCommand.newBuilder()
                .setUnknownFields(unknownField(99))
                .build()
                .toByteArray();
        assertThatThrownBy(() -> CommandCodec.fromBytes(newCommand))
                .isInstanceOf(UnknownMetadataException.class)
                .hasMessageContaining("99");
        StoredCommand.Builder newField = CommandCodec.toProto(new MetadataCommand.NoOp()).toBuilder();
        newField.setNoOp(StoredCommand.NoOp.newBuilder().setUnknownFields(unknownField(7)));
        assertThatThrownBy(() -> CommandCodec.fromProto(newField.build()))
                .isInstanceOf(UnknownMetadataException.class)
                .hasMessageContaining("NO_OP")
                .hasMessageContaining("7");
        byte[] newRecord = StoredRecord.newBuilder()
                .setUnknownFields(unknownField(99))
                .build()
                .toByteArray();
        assertThatThrownBy(() -> RecordCodec.fromBytes(newRecord))
                .isInstanceOf(UnknownMetadataException.class)
                .hasMessageContaining("99");
    }

    @Test
    void whatIsNoMessageOrHasImpossibleValuesIsRefused() {
        assertThatThrownBy(() -> CommandCodec.fromBytes(new byte[] {1, 2, 3}))
                .isInstanceOf(UnknownMetadataException.class);
        assertThatThrownBy(() -> CommandCodec.fromBytes(new byte[0])).isInstanceOf(UnknownMetadataException.class);
        StoredRecord.Builder shortId = RecordCodec.toProto(records().get(3)).toBuilder();
        shortId.getTopicBuilder().setTopicId(ByteString.copyFromUtf8("short"));
        assertThatThrownBy(() -> RecordCodec.fromProto(shortId.build()))
                .isInstanceOf(UnknownMetadataException.class)
                .hasMessageContaining("TOPIC")
                .hasMessageContaining("16 bytes");
        StoredRecord.Builder noMode = RecordCodec.toProto(records().get(3)).toBuilder();
        noMode.getTopicBuilder().clearFlushMode();
        assertThatThrownBy(() -> RecordCodec.fromProto(noMode.build()))
                .isInstanceOf(UnknownMetadataException.class)
                .hasMessageContaining("flush mode");
    }

    private static Map<String, byte[]> encoded() {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        commands().forEach(command -> bytes.put(name("command", command), CommandCodec.toBytes(command)));
        records().forEach(record -> bytes.put(name("record", record), RecordCodec.toBytes(record)));
        replies().forEach(reply -> bytes.put(name("reply", reply.result()), ReplyCodec.toBytes(reply)));
        return bytes;
    }

    private static String name(String kind, Object value) {
        return kind + "." + value.getClass().getSimpleName();
    }

    private static Set<Class<?>> kinds(List<?> values) {
        return values.stream().map(Object::getClass).collect(Collectors.toSet());
    }

    private static UnknownFieldSet unknownField(int number) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    private static List<MetadataCommand> commands() {
        TreeMap<String, String> configs = new TreeMap<>(Map.of("retention.ms", "1000"));
        return List.of(
                new MetadataCommand.NoOp(),
                new MetadataCommand.FormCluster("cluster", 1),
                new MetadataCommand.RegisterBroker(
                        new BrokerId(1), INCARNATION, "cluster", ADDRESS, List.of(DIRECTORY), true),
                new MetadataCommand.UnfenceBroker(
                        REF, List.of(new LostReplica(PARTITION, LostReplica.Cause.UNFLUSHED_TAIL, -1, 1000))),
                new MetadataCommand.FenceBrokers(List.of(REF, new BrokerRef(new BrokerId(0), 7))),
                new MetadataCommand.DrainBroker(REF),
                new MetadataCommand.CreateTopic(TOPIC, "orders", 6, 3, configs, TopicDefaults.STANDARD, -5, true, true),
                new MetadataCommand.DeleteTopic("orders", Optional.of(TOPIC)),
                new MetadataCommand.AlterIsr(List.of(
                        new IsrProposal(PARTITION, REF, 4, 5, List.of(REF, new BrokerRef(new BrokerId(2), 301))))),
                new MetadataCommand.AllocateProducerIds(REF, 1000),
                new MetadataCommand.ElectPreferredLeaders(10),
                new MetadataCommand.HandOverLeadership(List.of(new HandOverRequest(PARTITION, REF, 4))),
                new MetadataCommand.ElectLeaders(List.of(PARTITION), LeaderElection.UNCLEAN),
                new MetadataCommand.ReassignPartitions(
                        List.of(new PartitionTarget(PARTITION, List.of(new BrokerId(0), new BrokerId(4)))),
                        5_000,
                        true),
                new MetadataCommand.AddPartitions("orders", 12, -6),
                new MetadataCommand.AlterTopic("orders", configs, new TreeSet<>(List.of("segment.ms")), true),
                new MetadataCommand.ReportDirectories(REF, List.of(DIRECTORY), List.of(DIRECTORY)),
                new MetadataCommand.AssignDirectories(REF, List.of(new DirectoryAssignment(PARTITION, DIRECTORY))));
    }

    private static List<MetadataRecord> records() {
        TreeMap<String, String> configs = new TreeMap<>(Map.of("retention.ms", "1000", "segment.bytes", "1048576"));
        return List.of(
                new MetadataRecord.ClusterRecord("cluster", 1),
                new MetadataRecord.ProducerIdsRecord(1L << 40),
                new MetadataRecord.BrokerRecord(
                        new BrokerId(1),
                        300,
                        INCARNATION,
                        ADDRESS,
                        BrokerDirectories.of(List.of(DIRECTORY)),
                        true,
                        true,
                        -1),
                new MetadataRecord.TopicRecord(TOPIC, "orders", 2, FlushMode.OS, configs, true),
                new MetadataRecord.PartitionRecord(
                        PARTITION,
                        List.of(
                                new ReplicaAssignment(new BrokerId(2), DIRECTORY),
                                new ReplicaAssignment(new BrokerId(0), DirectoryId.UNASSIGNED),
                                new ReplicaAssignment(new BrokerId(1), DIRECTORY)),
                        List.of(new BrokerId(0)),
                        List.of(new BrokerId(2)),
                        List.of(new LostMember(new BrokerId(1), LostReplica.Cause.DISK, -1, 77)),
                        -1,
                        4,
                        5,
                        3,
                        Optional.empty()),
                new MetadataRecord.RemoveTopicRecord(TOPIC, 6));
    }

    private static List<CommandReply> replies() {
        CommandReply refused = CommandReply.refused(ErrorCode.UNKNOWN_TOPIC, "no topic");
        return Arrays.asList(
                refused,
                CommandReply.ok(new CommandReply.Registered(300)),
                CommandReply.ok(new CommandReply.TopicOutcome(TOPIC, 6, 3)),
                CommandReply.ok(new CommandReply.ProducerIdBlock(5000, 1000)),
                CommandReply.ok(new CommandReply.PartitionsChanged(12)),
                CommandReply.ok(new CommandReply.Parts(List.of(CommandReply.OK, refused))));
    }
}
