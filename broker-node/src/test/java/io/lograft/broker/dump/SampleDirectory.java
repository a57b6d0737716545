package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lograft.broker.log.FlushRound;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ConsumerGroupValue;
import io.lograft.proto.v1.ConsumerMemberValue;
import io.lograft.proto.v1.GroupLogKey;
import io.lograft.proto.v1.OffsetKey;
import io.lograft.proto.v1.OffsetValue;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordHeader;
import io.lograft.wire.WireBytes;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A log directory as the broker writes it, always with the same bytes: topic {@code orders} with all codecs, two producers,
 * timestamps out of order, three leader epochs and several segments, and a partition of the group log.
 */
final class SampleDirectory {
    static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    static final TopicPartition GROUPS = new TopicPartition("__consumer_offsets", 3);
    static final TopicId ORDERS_ID = new TopicId(7, 9);
    static final long START_MS = 1_700_000_000_000L;
    static final LogConfig CONFIG = LogConfig.DEFAULTS.withSegmentBytes(1024).withIndexIntervalBytes(200);

    private static final List<Compression> CODECS = List.of(Compression.values());
    private static final int EPOCHS = 3;

    final LogDirectory directory;
    final PartitionLog orders;
    private final PartitionLog groups;

    private SampleDirectory(File root) throws IOException {
        directory = LogDirectory.open(NioFileStore.createAt(root.getPath()), "boot-1");
        directory.recordIdentity(new LogDirectory.Identity("cluster-of-the-sample", "directory-1", 1, 4));
        directory.beginWriting();
        directory.lossesTold();
        orders = directory.createPartition(ORDERS, ORDERS_ID, FlushMode.COMMIT, CONFIG);
        groups = directory.createPartition(GROUPS, new TopicId(7, 10), FlushMode.COMMIT, CONFIG);
    }

    /** Opens an empty directory and appends everything; the logs are open, their indexes partly in memory. */
    static SampleDirectory open(File root) throws IOException {
        SampleDirectory sample = new SampleDirectory(root);
        for (int i = 0; i < 24; i++) {
            sample.append(i);
        }
        sample.appendGroups();
        return sample;
    }

    static void write(File root) throws IOException {
        open(root).closeCleanly();
    }

    /** Appends batch i; the codec, producer, epoch and time come from the number. */
    void append(int i) throws IOException {
        Compression codec = CODECS.get(i % CODECS.size());
        BatchOptions options =
                i % 3 == 0 ? BatchOptions.idempotent(codec, 4000 + i % 2, (short) 1, i) : BatchOptions.plain(codec);
        BatchBuilder builder = new BatchBuilder(1 << 20);
        long timestampMs = START_MS + i * 1000L - i % 5 * 3000L;
        for (int j = 0; j <= i % 3; j++) {
            byte[] key = j == 1 ? null : bytes("key-" + i);
            byte[] value = i % 7 == 6 ? new byte[] {(byte) 0xff, 0, (byte) i} : bytes("value " + i + "/" + j);
            builder.append(timestampMs + j, key, value, List.of(new RecordHeader("n", bytes(Integer.toString(i)))));
        }
        orders.appendAsLeader(ByteBuffer.wrap(builder.build(options)), 1 + Math.min(i / 10, EPOCHS - 1) * 2, 900 + i);
    }

    private void appendGroups() throws IOException {
        GroupLogKey.Builder key = GroupLogKey.newBuilder().setGroupId("billing");
        BatchBuilder builder = new BatchBuilder(1 << 20);
        add(
                builder,
                key.setConsumerGroup(true),
                ConsumerGroupValue.newBuilder()
                        .setEpoch(2)
                        .setWrittenAtMs(START_MS)
                        .build()
                        .toByteString());
        add(
                builder,
                key.setConsumerMember("member-1"),
                ConsumerMemberValue.newBuilder()
                        .setClientId("app")
                        .setClientHost("10.0.0.7")
                        .setMemberEpoch(2)
                        .addTopics("orders")
                        .build()
                        .toByteString());
        GroupLogKey.Builder offset = key.setOffset(
                OffsetKey.newBuilder().setTopicId(WireBytes.topicId(ORDERS_ID)).setPartition(0));
        add(
                builder,
                offset,
                OffsetValue.newBuilder()
                        .setOffset(17)
                        .setLeaderEpoch(3)
                        .setMetadata("m")
                        .setCommittedAtMs(START_MS + 5)
                        .build()
                        .toByteString());
        add(builder, offset, null);
        add(builder, key.setConsumerGroup(true), null);
        groups.appendAsLeader(ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE))), 1, 900);
    }

    private static void add(BatchBuilder builder, GroupLogKey.Builder key, ByteString value) {
        builder.append(START_MS, key.build().toByteArray(), value == null ? null : value.toByteArray());
    }

    void flush() throws IOException {
        for (PartitionLog log : List.of(orders, groups)) {
            FlushRound round = log.beginFlush();
            round.run();
            assertThat(log.completeFlush(round)).isTrue();
        }
    }

    void checkpoint() throws IOException {
        for (PartitionLog log : List.of(orders, groups)) {
            var point = log.recoveryPoint();
            directory.checkpoint(
                    Map.of(log.name(), new LogDirectory.Checkpoint(point, log.logEndOffset(), log.logStartOffset())));
            log.recorded(point, log.logStartOffset());
        }
    }

    void closeCleanly() throws IOException {
        orders.closeCleanly();
        groups.closeCleanly();
        checkpoint();
        directory.closeCleanly();
    }

    /** As when the process is killed. */
    void abandon() {
        orders.abandon();
        groups.abandon();
        directory.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
