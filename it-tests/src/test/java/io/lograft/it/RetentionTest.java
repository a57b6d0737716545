package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Admin;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.OffsetReset;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Old records are deleted, on all brokers, and stay deleted. */
@Tag("it")
class RetentionTest {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void oldRecordsGoFromAllBrokersAndReadersGoOnBehindThem() throws Exception {
        brokers.start(directory, "log.retention.check.interval.ms=200");
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            cluster.admin()
                    .createTopic(NewTopic.of("orders")
                            .withPartitions(1)
                            .withReplication(3)
                            .withConfig("segment.bytes", "8192"));
            produce(cluster, 3_000);
            assertThat(log(cluster).logStart()).isZero();
            assertThat(log(cluster).sizeBytes()).isGreaterThan(100_000);

            // By size, with settings that reach the open logs.
            cluster.admin().alterTopic("orders", Map.of("retention.bytes", "50000"), List.of());
            Eventually.holds(
                    WAIT,
                    () -> "old segments go: " + log(cluster),
                    () -> log(cluster).sizeBytes() < 60_000);
            assertThat(log(cluster).sizeBytes()).isGreaterThanOrEqualTo(50_000);
            assertThat(log(cluster).logStart()).isBetween(1L, 2_999L);

            // By age, down to the segment that was written to.
            cluster.admin().alterTopic("orders", Map.of("retention.ms", "500"), List.of("retention.bytes"));
            Eventually.holds(
                    WAIT,
                    () -> "everything goes: " + log(cluster),
                    () -> log(cluster).logStart() == 3_000);
            awaitBytesOnDisk(1);
            cluster.admin().alterTopic("orders", Map.of(), List.of("retention.ms"));

            produce(cluster, 100);
            assertThat(read(cluster, 7, OffsetReset.EARLIEST)).isEqualTo(offsets(3_000, 3_100));
            assertThatThrownBy(() -> read(cluster, 7, OffsetReset.ERROR)).hasMessageContaining("OFFSET_OUT_OF_RANGE");
        }
    }

    @Test
    void deletedRecordsStayDeletedThroughFailoverAndRestart() throws Exception {
        brokers.start(directory);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            Admin admin = cluster.admin();
            admin.createTopic(NewTopic.of("orders").withPartitions(1).withReplication(3));
            admin.createTopic(
                    NewTopic.of("table").withPartitions(1).withReplication(3).withConfig("cleanup.policy", "compact"));
            produce(cluster, 1_000);
            assertThat(admin.deleteRecords(Map.of(ORDERS, 600L))).containsExactly(Map.entry(ORDERS, 600L));
            assertThat(admin.deleteRecords(Map.of(ORDERS, 10L)))
                    .as("nothing is left to delete there")
                    .containsExactly(Map.entry(ORDERS, 600L));
            assertThatThrownBy(() -> admin.deleteRecords(Map.of(ORDERS, 1_001L)))
                    .hasMessageContaining("OFFSET_OUT_OF_RANGE")
                    .hasMessageContaining("600")
                    .hasMessageContaining("1000");
            assertThatThrownBy(() -> admin.deleteRecords(Map.of(new TopicPartition("table", 0), 0L)))
                    .hasMessageContaining("POLICY_VIOLATION");
            assertThatThrownBy(() -> admin.deleteRecords(Map.of(new TopicPartition("nothing", 0), 0L)))
                    .hasMessageContaining("UNKNOWN_TOPIC");

            // Whoever leads next, at once.
            int leader = admin.describeTopic("orders").partitions().get(0).leader();
            brokers.kill(List.of(leader));
            Eventually.holds(
                    WAIT,
                    () -> "another leader: " + admin.describeTopic("orders"),
                    () -> log(cluster).logStart() == 600
                            && admin.describeTopic("orders").partitions().get(0).leader() != leader);
            assertThat(read(cluster, 0, OffsetReset.EARLIEST)).isEqualTo(offsets(600, 1_000));
            brokers.restart(List.of(leader));

            // And after all have died.
            brokers.kill(brokers.ids());
            brokers.restart(brokers.ids());
            Eventually.holds(
                    WAIT, () -> "the log is led again", () -> log(cluster).highWatermark() == 1_000);
            assertThat(log(cluster).logStart()).isEqualTo(600);

            assertThat(admin.deleteRecords(Map.of(ORDERS, Admin.UP_TO_HIGH_WATERMARK)))
                    .containsExactly(Map.entry(ORDERS, 1_000L));
            produce(cluster, 5);
            assertThat(read(cluster, 0, OffsetReset.EARLIEST)).isEqualTo(offsets(1_000, 1_005));
        }
    }

    private static void produce(Lograft cluster, int count) {
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(ProducerRecord.of("orders", "a record with some text in it, number " + i));
                if (i % 20 == 19) {
                    producer.flush();
                }
            }
        }
    }

    private static TopicDescription.Log log(Lograft cluster) {
        return cluster.admin().describeTopic("orders").partitions().get(0).log().orElseThrow();
    }

    /** Reads from there to the end; the offsets of what there is. */
    private static List<Long> read(Lograft cluster, long offset, OffsetReset reset) {
        long end = log(cluster).highWatermark();
        List<Long> found = new ArrayList<>();
        try (Consumer consumer =
                cluster.consumer(ConsumerOptions.builder().offsetReset(reset).build())) {
            consumer.assign(ORDERS);
            consumer.seek(ORDERS, offset);
            long deadline = System.nanoTime() + WAIT.toNanos();
            while ((found.isEmpty() || found.getLast() < end - 1) && System.nanoTime() < deadline) {
                for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    found.add(record.offset());
                }
            }
        }
        return found;
    }

    private static List<Long> offsets(long from, long to) {
        return java.util.stream.LongStream.range(from, to).boxed().toList();
    }

    /** Returns once no broker has so many bytes of the partition. */
    private void awaitBytesOnDisk(long limit) {
        for (int id : brokers.ids()) {
            Path log = brokers.logDirectory(id).resolve("orders-0");
            Eventually.holds(
                    WAIT,
                    () -> "broker " + id + " has less than " + limit + " bytes in "
                            + List.of(log.toFile().list()),
                    () -> bytes(log) < limit);
        }
    }

    private static long bytes(Path log) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                bytes += name.endsWith(".log") || name.endsWith(".deleted") ? Files.size(file) : 0;
            }
        }
        return bytes;
    }
}
