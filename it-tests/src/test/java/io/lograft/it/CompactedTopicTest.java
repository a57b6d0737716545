package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.LogVerifier;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table kept in a compacted topic, with small segments that are compacted all the time on three brokers, one of which is
 * killed in the middle: whoever leads in the end, the table that is read is the one that was written.
 */
@Tag("it")
class CompactedTopicTest {
    private static final TopicPartition TABLE = new TopicPartition("table", 0);
    private static final int RECORDS = Integer.getInteger("compaction.records", 30_000);
    private static final int KEYS = 500;
    private static final Duration LONG = Duration.ofMinutes(2);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    private final Map<String, String> table = new TreeMap<>();
    private final Random random = new Random(7);
    private long bytesSent;

    @Test
    void theTableIsReadFromEachLeader() throws Exception {
        brokers.start(directory, "log.cleaner.backoff.ms=100", "offsets.topic.num.partitions=2");
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            cluster.admin()
                    .createTopic(NewTopic.of(TABLE.topic())
                            .withPartitions(1)
                            .withReplication(3)
                            .withConfig("cleanup.policy", "compact")
                            .withConfig("segment.bytes", "65536")
                            .withConfig("min.cleanable.dirty.ratio", "0.1")
                            .withConfig("delete.retention.ms", "500"));
            awaitInSync(cluster);
            write(cluster, RECORDS / 3);
            int victim = leader(cluster) % 3 + 1;
            brokers.kill(List.of(victim));
            write(cluster, RECORDS / 3);
            brokers.restart(List.of(victim));
            write(cluster, RECORDS / 3);
            awaitInSync(cluster);
            awaitCompactions();
            readFromEachLeader(cluster);
        }
        awaitSmallFiles();
        brokers.stop(brokers.ids());
        checkFiles();
    }

    private void write(Lograft cluster, int count) {
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < count; i++) {
                String key = "key " + random.nextInt(1 + random.nextInt(KEYS));
                String value = random.nextInt(5) == 0 ? null : "value " + i + " " + random.nextLong();
                producer.send(ProducerRecord.of(TABLE.topic(), key, value));
                if (value == null) {
                    table.remove(key);
                } else {
                    table.put(key, value);
                }
                bytesSent += key.length() + (value == null ? 0 : value.length());
            }
            producer.flush();
            assertThat(producer.stats().failed()).isZero();
        }
    }

    private static TopicDescription.Partition partition(Lograft cluster) {
        return cluster.admin().describeTopic(TABLE.topic()).partitions().getFirst();
    }

    private static int leader(Lograft cluster) {
        return partition(cluster).leader();
    }

    private static void awaitInSync(Lograft cluster) {
        Eventually.holds(
                LONG,
                () -> "all replicas are in sync: " + partition(cluster),
                () -> !partition(cluster).isOffline() && !partition(cluster).isUnderReplicated());
    }

    private void awaitCompactions() {
        for (int id : brokers.ids()) {
            Eventually.holds(
                    LONG,
                    "broker " + id + " has compacted the table",
                    () -> brokers.said(id).contains(TABLE + ": compacted up to offset"));
        }
    }

    private void readFromEachLeader(Lograft cluster) throws IOException {
        Set<Integer> leaders = new HashSet<>();
        for (int round = 0; leaders.size() < 3 && round < 8; round++) {
            int leader = leader(cluster);
            if (leaders.add(leader)) {
                assertThat(read(cluster))
                        .as("what is read from broker %d", leader)
                        .isEqualTo(table);
            }
            brokers.kill(List.of(leader));
            Eventually.holds(LONG, "another broker leads", () -> leader(cluster) != leader && leader(cluster) > 0);
            brokers.restart(List.of(leader));
            awaitInSync(cluster);
        }
        assertThat(leaders).hasSizeGreaterThanOrEqualTo(2);
        System.out.println("the table of " + table.size() + " keys was read from brokers " + leaders);
    }

    private static Map<String, String> read(Lograft cluster) {
        Map<String, String> found = new TreeMap<>();
        try (Consumer consumer = cluster.consumer()) {
            long end = consumer.endOffsets(List.of(TABLE)).get(TABLE);
            consumer.assign(TABLE);
            consumer.seekToBeginning(TABLE);
            long deadline = System.nanoTime() + LONG.toNanos();
            while (consumer.position(TABLE) < end) {
                assertThat(System.nanoTime())
                        .as("time to read up to offset " + end)
                        .isLessThan(deadline);
                for (ConsumerRecord record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.hasValue()) {
                        found.put(record.keyText(), record.valueText());
                    } else {
                        found.remove(record.keyText());
                    }
                }
            }
        }
        return found;
    }

    /** Compactions catch up, on each broker for itself. */
    private void awaitSmallFiles() {
        for (int id : brokers.ids()) {
            Path log = brokers.logDirectory(id).resolve(TABLE.toString());
            Eventually.holds(
                    LONG,
                    () -> "broker " + id + " keeps less than half of " + bytesSent + " bytes: " + files(log)
                            + "; it said\n" + brokers.tail(id),
                    () -> bytes(log) < bytesSent / 2);
        }
    }

    private static String files(Path log) {
        try (Stream<Path> files = Files.list(log)) {
            return files.sorted()
                    .map(path -> path.getFileName() + " " + path.toFile().length())
                    .toList()
                    .toString();
        } catch (IOException e) {
            return "not to be listed: " + e;
        }
    }

    private static long bytes(Path log) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(log)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".log")).toList()) {
                bytes += Files.size(file);
            }
        } catch (NoSuchFileException replaced) {
            return Long.MAX_VALUE;
        }
        return bytes;
    }

    /** The files are sound, and much smaller than what was sent. */
    private void checkFiles() throws IOException {
        for (int id : brokers.ids()) {
            LogVerifier.Summary summary =
                    LogVerifier.verify(new NioFileStore(brokers.logDirectory(id)), TABLE.toString(), 0, Long.MAX_VALUE);
            assertThat(summary.problems()).as("broker " + id).isEmpty();
            assertThat(summary.nextOffset()).isGreaterThanOrEqualTo(RECORDS / 3 * 3L);
            assertThat(summary.sizeBytes()).as("broker " + id).isLessThan(bytesSent / 2);
        }
    }
}
