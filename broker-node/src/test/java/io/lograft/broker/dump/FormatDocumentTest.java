package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.GroupLogKey;
import io.lograft.proto.v1.OffsetKey;
import io.lograft.proto.v1.OffsetValue;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.wire.WireBytes;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes that {@code docs/format} shows are those that the broker writes. */
final class FormatDocumentTest {
    private static final Path DOCUMENTS = Path.of("../docs/format");

    @TempDir
    private File root;

    /** The fenced blocks after a heading, in order. */
    private static List<String> blocks(String document, String heading) throws IOException {
        String text = Files.readString(DOCUMENTS.resolve(document));
        String[] parts = text.substring(text.indexOf("\n" + heading + "\n")).split("```[a-z]*\n", -1);
        List<String> blocks = new ArrayList<>();
        for (int i = 1; i < parts.length; i += 2) {
            blocks.add(parts[i]);
        }
        return blocks;
    }

    private static byte[] hex(String block) {
        StringBuilder digits = new StringBuilder();
        block.lines().forEach(line -> digits.append(line.replaceAll("\\|.*", "").replaceAll("\\s", "")));
        return HexFormat.of().parseHex(digits);
    }

    @Test
    void filesOfALogAreAsShown() throws IOException {
        TopicPartition name = new TopicPartition("orders", 0);
        LogConfig config = LogConfig.DEFAULTS.withIndexIntervalBytes(80);
        LogDirectory directory = LogDirectory.open(NioFileStore.createAt(root.getPath()), "boot-1");
        directory.recordIdentity(new LogDirectory.Identity("c", "d", 1, 1));
        directory.beginWriting();
        PartitionLog log = directory.createPartition(name, new TopicId(7, 9), FlushMode.COMMIT, config);
        append(log, BatchOptions.idempotent(Compression.NONE, 7, (short) 0, 0), 1000, 3, "a", "b");
        append(log, BatchOptions.plain(Compression.NONE), 2000, 3, "c");
        append(log, BatchOptions.plain(Compression.NONE), 1500, 5, "d");
        append(log, BatchOptions.plain(Compression.NONE), 3000, 5, "e");
        log.closeCleanly();
        directory.checkpoint(Map.of(name, new LogDirectory.Checkpoint(log.recoveryPoint(), 4, 0)));
        directory.closeCleanly();

        List<String> shown = blocks("segment.md", "## Example");
        Path partition = root.toPath().resolve("orders-0");
        assertThat(hex(shown.get(0))).isEqualTo(Files.readAllBytes(partition.resolve("00000000000000000000.index")));
        assertThat(hex(shown.get(1)))
                .isEqualTo(Files.readAllBytes(partition.resolve("00000000000000000000.timeindex")));
        assertThat(hex(shown.get(2))).isEqualTo(Files.readAllBytes(partition.resolve("00000000000000000005.snapshot")));
        assertThat(shown.get(3)).isEqualTo(Files.readString(partition.resolve("leader-epoch-checkpoint")));
        assertThat(shown.get(4)).isEqualTo(Files.readString(partition.resolve("partition.metadata")));
        assertThat(shown.get(5)).isEqualTo(Files.readString(root.toPath().resolve("recovery-point-offset-checkpoint")));
        assertThat(shown.get(6)).isEqualTo(Files.readString(root.toPath().resolve("replication-offset-checkpoint")));
        assertThat(shown.get(7)).isEqualTo(Files.readString(root.toPath().resolve("meta.properties")));
        assertThat(Dumps.verify(root).problems()).isZero();
    }

    private static void append(PartitionLog log, BatchOptions options, long timestampMs, int epoch, String... values)
            throws IOException {
        BatchBuilder builder = new BatchBuilder(1 << 10);
        for (String value : values) {
            builder.append(timestampMs, null, SampleDirectory.bytes(value));
        }
        log.appendAsLeader(ByteBuffer.wrap(builder.build(options)), epoch, 1000);
    }

    @Test
    void recordsOfTheGroupLogAreAsShown() throws IOException {
        List<String> shown = blocks("group-log.md", "## Example");
        GroupLogKey key = GroupLogKey.newBuilder()
                .setGroupId("billing")
                .setOffset(OffsetKey.newBuilder()
                        .setTopicId(WireBytes.topicId(new TopicId(7, 9)))
                        .setPartition(3))
                .build();
        OffsetValue value = OffsetValue.newBuilder()
                .setOffset(17)
                .setLeaderEpoch(3)
                .setMetadata("m")
                .setCommittedAtMs(1_700_000_000_000L)
                .build();
        assertThat(GroupLogKey.parseFrom(hex(shown.get(0)))).isEqualTo(key);
        assertThat(hex(shown.get(0))).isEqualTo(key.toByteArray());
        assertThat(hex(shown.get(1))).isEqualTo(value.toByteArray());
    }
}
