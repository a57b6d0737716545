package io.lograft.broker.fuzz;

import com.google.protobuf.Message;
import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.AddPartitionsRequest;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.AlterTopicRequest;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.DeleteRecordsRequest;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectionType;
import io.lograft.proto.v1.GroupLogKey;
import io.lograft.proto.v1.NewTopic;
import io.lograft.proto.v1.OffsetKey;
import io.lograft.proto.v1.OffsetValue;
import io.lograft.proto.v1.RecordDeletion;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordHeader;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Good inputs to begin from: without them a fuzzer would have to guess a batch. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    static void write(Path corpus) throws IOException {
        for (Compression codec : Compression.values()) {
            byte[] batch = batch(codec);
            put(corpus, "RecordBatchFuzz", codec.label(), with(0, batch));
            put(corpus, "DumpFuzz", "log-" + codec.label(), with(0, batch));
            if (codec != Compression.NONE) {
                byte[] packed = Arrays.copyOfRange(batch, BatchHeader.SIZE_BYTES, batch.length);
                put(corpus, "CompressedRecordsFuzz", codec.label(), with(codec.bits() - 1, with(2, packed)));
            }
        }
        put(corpus, "LegacyMessageFuzz", "magic0", legacy((byte) 0));
        put(corpus, "LegacyMessageFuzz", "magic1", legacy((byte) 1));
        put(corpus, "DumpFuzz", "log-magic1", with(0, legacy((byte) 1)));
        ByteBuffer index =
                ByteBuffer.allocate(16).putInt(3).putInt(146).putInt(7).putInt(300);
        files(corpus, index.array());
        groups(corpus);
        admin(corpus);
        RequestSeeds.write((target, name, input) -> put(corpus, target, name, input));
        put(
                corpus,
                "MetadataFuzz",
                "form",
                with(0, CommandCodec.toBytes(new MetadataCommand.FormCluster("cluster", 1))));
    }

    private static void files(Path corpus, byte[] index) throws IOException {
        byte[] epochs = bytes("0\n2\n1 0\n2 5\n");
        byte[] offsets = bytes("0\n1\norders 0 12\n");
        put(corpus, "LogFilesFuzz", "index", with(0, index));
        put(corpus, "LogFilesFuzz", "timeindex", with(1, index));
        put(corpus, "LogFilesFuzz", "log", with(2, batch(Compression.NONE)));
        put(corpus, "LogFilesFuzz", "log-unclean", with(0x42, batch(Compression.NONE)));
        put(corpus, "LogFilesFuzz", "epochs", with(0x43, epochs));
        put(corpus, "LogFilesFuzz", "metadata", with(4, bytes("version: 0\ntopic_id: 07\nflush_mode: os\ncrc: 00\n")));
        put(corpus, "LogFilesFuzz", "truncation", with(0x45, bytes("0\n1\n7\n")));
        put(corpus, "LogFilesFuzz", "snapshot", with(6, new byte[] {0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
        put(corpus, "LogFilesFuzz", "meta", with(9, bytes("version=1\ncluster.id=c\ndirectory.id=d\nbroker.id=1\n")));
        put(corpus, "LogFilesFuzz", "recovery", with(0x4b, offsets));
        put(corpus, "LogFilesFuzz", "watermark", with(0x4c, offsets));
        put(corpus, "LogFilesFuzz", "start", with(0x4d, bytes("0\n1\norders 0 3\n")));
        put(corpus, "DumpFuzz", "index", with(1, index));
        put(corpus, "DumpFuzz", "timeindex", with(2, index));
        put(corpus, "DumpFuzz", "snapshot", with(3, new byte[] {0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
        put(corpus, "DumpFuzz", "epochs", with(4, epochs));
        put(corpus, "DumpFuzz", "offsets", with(8, offsets));
        put(corpus, "DumpFuzz", "raft", with(10, bytes("RaftLog1")));
    }

    private static void groups(Path corpus) throws IOException {
        var topic = WireBytes.topicId(new TopicId(7, 9));
        byte[] key = GroupLogKey.newBuilder()
                .setGroupId("g")
                .setOffset(OffsetKey.newBuilder().setTopicId(topic).setPartition(3))
                .build()
                .toByteArray();
        byte[] value =
                OffsetValue.newBuilder().setOffset(5).setMetadata("m").build().toByteArray();
        put(corpus, "GroupRecordFuzz", "offset", with(key.length, join(key, value)));
        put(corpus, "GroupRecordFuzz", "removed", with(key.length - 128, key));
    }

    /** Requests by the order of the methods' names. */
    private static void admin(Path corpus) throws IOException {
        List<Message> requests = List.of(
                AddPartitionsRequest.newBuilder()
                        .setTopic("orders")
                        .setPartitionCount(5)
                        .build(),
                AddVoterRequest.newBuilder().setBrokerId(3).setTimeoutMs(1_000).build(),
                AlterTopicRequest.newBuilder()
                        .setTopic("orders")
                        .putSet("retention.ms", "5")
                        .addRemove("segment.bytes")
                        .build(),
                CreateTopicsRequest.newBuilder()
                        .addTopics(NewTopic.newBuilder()
                                .setName("new")
                                .setPartitionCount(3)
                                .putConfigs("retention.ms", "5"))
                        .build(),
                DeleteRecordsRequest.newBuilder()
                        .addDeletions(RecordDeletion.newBuilder().setTopic("orders"))
                        .setTimeoutMs(1_000)
                        .build(),
                DeleteTopicsRequest.newBuilder().addNames("orders").build(),
                DescribeFencingRequest.getDefaultInstance(),
                DescribeQuorumRequest.newBuilder().setOwnViewOnly(true).build(),
                DrainBrokerRequest.newBuilder().setBrokerId(2).build(),
                ElectLeadersRequest.newBuilder()
                        .setTopic("orders")
                        .addPartitions(1)
                        .setType(ElectionType.ELECTION_TYPE_UNCLEAN)
                        .build(),
                RemoveVoterRequest.newBuilder().setBrokerId(2).build(),
                TransferMetadataLeadershipRequest.newBuilder().setBrokerId(2).build());
        for (int method = 0; method < requests.size(); method++) {
            Message request = requests.get(method);
            String name = request.getDescriptorForType().getName().replace("Request", "");
            put(corpus, "AdminRequestFuzz", name, with(method, request.toByteArray()));
        }
    }

    private static byte[] batch(Compression codec) {
        BatchBuilder builder = new BatchBuilder(1 << 10);
        builder.append(1000, bytes("k"), bytes("hello hello hello"), List.of(new RecordHeader("h", bytes("x"))));
        builder.append(1500, null, null, List.of(new RecordHeader("n", null)));
        return builder.build(BatchOptions.idempotent(codec, 7, (short) 1, 3));
    }

    private static byte[] legacy(byte magic) {
        int timestamp = magic == 0 ? 0 : Long.BYTES;
        int size = 26 + timestamp + 3;
        ByteBuffer message = ByteBuffer.allocate(size)
                .putLong(5)
                .putInt(size - 12)
                .putInt(0)
                .put(magic)
                .put((byte) 0);
        if (magic == 1) {
            message.putLong(1000);
        }
        return message.putInt(1).put((byte) 'k').putInt(2).put(bytes("hi")).array();
    }

    private static byte[] with(int first, byte[] rest) {
        return join(new byte[] {(byte) first}, rest);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Path corpus, String target, String name, byte[] content) throws IOException {
        Path directory = corpus.resolve(target);
        Files.createDirectories(directory);
        Files.write(directory.resolve("seed-" + name), content);
    }
}
