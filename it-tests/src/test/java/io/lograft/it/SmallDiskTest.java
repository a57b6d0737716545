package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Disks that fill up and get room again, and disks that break, on small real file systems. */
@Tag("it")
class SmallDiskTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int VICTIM = 2;
    private static final int DISK_MEGABYTES = 120;
    private static final String TOPIC = "orders";

    @TempDir
    Path directory;

    @RegisterExtension
    final ClusterProcesses three = new ClusterProcesses(3);

    @RegisterExtension
    final ClusterProcesses one = new ClusterProcesses(1);

    private SmallDisk disk;

    private void mountAt(Path mountPoint) throws Exception {
        Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("image"), mountPoint, DISK_MEGABYTES);
        assumeThat(mounted).as("mounting needs root and a loop device").isPresent();
        disk = mounted.get();
    }

    @AfterEach
    void unmount() {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void theOthersLeadWhileABrokersDiskIsFull() throws Exception {
        mountAt(ClusterProcesses.logDirectory(directory, VICTIM));
        three.start(directory);
        try (Lograft cluster = Lograft.connect(three.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(6).withReplication(3));
            produce(cluster, 100);
            Path foreign = disk.fill();
            Path more = disk.fill();
            Eventually.holds(SOON, "broker 2 leads nothing and is in no in-sync set", () -> isOut(cluster));
            assertThat(victim(cluster).fullDirectories()).isEqualTo(1);
            assertThat(victim(cluster).isFenced()).isFalse();
            produce(cluster, 100);
            Files.delete(foreign);
            Files.delete(more);
            Eventually.holds(SOON, "all replicas are in sync again", () -> isWhole(cluster));
            Eventually.holds(
                    SOON, "leadership comes back", () -> victim(cluster).leaderCount() == 2);
            assertThat(victim(cluster).fullDirectories()).isZero();
            assertThat(count(cluster)).isEqualTo(200);
        }
    }

    @Test
    void aBrokerOnAFullDiskServesReadsStartsAndResumesByItself() throws Exception {
        mountAt(ClusterProcesses.home(directory, 1));
        one.start(directory, "default.replication.factor=1", "min.insync.replicas=1");
        try (Lograft cluster = Lograft.connect(one.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(1).withReplication(1));
            produce(cluster, 100);
            Path foreign = disk.fill();
            Eventually.holds(
                    SOON, "the disk counts as full", () -> victim(cluster, 1).fullDirectories() == 1);
            assertThat(isRefused(cluster)).as("records are refused").isTrue();
            assertThat(count(cluster)).as("reads go on").isEqualTo(100);
            one.kill(List.of(1));
            one.restart(List.of(1));
            assertThat(count(cluster)).as("after a restart, too").isEqualTo(100);
            cluster.admin()
                    .createTopic(NewTopic.of("metadata-can-be-written")
                            .withPartitions(1)
                            .withReplication(1));
            Files.delete(foreign);
            Eventually.holds(SOON, "there is room", () -> victim(cluster, 1).fullDirectories() == 0);
            produce(cluster, 10);
            assertThat(count(cluster)).isEqualTo(110);
        }
    }

    @Test
    void aDirectoryThatBreaksTakesOnlyItsReplicasOffline() throws Exception {
        Path spare = ClusterProcesses.spareDirectory(directory, VICTIM);
        mountAt(spare);
        three.withSpareDirectories().start(directory);
        try (Lograft cluster = Lograft.connect(three.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(6).withReplication(3));
            produce(cluster, 100);
            Eventually.holds(SOON, "all replicas are in sync", () -> isWhole(cluster));
            disk.breakDown();
            Eventually.holds(SOON, "the directory is offline", () -> {
                produce(cluster, 10);
                return victim(cluster).offlineDirectories() == 1;
            });
            Eventually.holds(SOON, "half of its replicas are out", () -> inSyncCount(cluster) == 3);
            assertThat(three.isAlive(VICTIM)).isTrue();
            assertThat(victim(cluster).isFenced()).isFalse();
            long written = count(cluster);
            three.kill(List.of(VICTIM));
            disk.repair();
            three.restart(List.of(VICTIM));
            Eventually.holds(SOON, "all replicas are in sync again", () -> isWhole(cluster));
            assertThat(victim(cluster).offlineDirectories()).isZero();
            assertThat(count(cluster)).isEqualTo(written);
        }
    }

    @Test
    void aReplicaMovesToTheOtherDirectoryWhileItIsWrittenTo() throws Exception {
        three.withSpareDirectories().start(directory);
        try (Lograft cluster = Lograft.connect(three.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(1).withReplication(3));
            produce(cluster, 1_000);
            int leader = topic(cluster).partitions().get(0).leader();
            Path log = ClusterProcesses.logDirectory(directory, leader);
            Path spare = ClusterProcesses.spareDirectory(directory, leader);
            Path from = Files.exists(log.resolve(TOPIC + "-0")) ? log : spare;
            Path to = from.equals(log) ? spare : log;
            cluster.admin().moveReplica(new TopicPartition(TOPIC, 0), leader, to.toString());
            Eventually.holds(SOON, "it is in the other directory", () -> {
                produce(cluster, 10);
                return Files.exists(to.resolve(TOPIC + "-0")) && Files.notExists(from.resolve(TOPIC + "-0"));
            });
            Eventually.holds(SOON, "it is in sync there", () -> isWhole(cluster));
            long written = count(cluster);
            three.kill(List.of(leader));
            three.restart(List.of(leader));
            Eventually.holds(SOON, "it is in sync after a crash", () -> isWhole(cluster));
            assertThat(count(cluster)).isEqualTo(written);
        }
    }

    private static void produce(Lograft cluster, int count) {
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(ProducerRecord.of(TOPIC, "key-" + i, "value"));
            }
            producer.flush();
        }
    }

    private static boolean isRefused(Lograft cluster) throws InterruptedException {
        try (Producer producer = cluster.producer(
                ProducerOptions.builder().deliveryTimeout(Duration.ofSeconds(5)).build())) {
            producer.send(ProducerRecord.of(TOPIC, "key", "value")).get(60, TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException refused) {
            return refused.getCause() instanceof LograftException;
        } catch (java.util.concurrent.TimeoutException silence) {
            throw new AssertionError("no answer", silence);
        }
    }

    private static TopicDescription topic(Lograft cluster) {
        return cluster.admin().describeTopic(TOPIC);
    }

    private static long count(Lograft cluster) {
        return topic(cluster).partitions().stream()
                .mapToLong(partition -> partition.log().orElseThrow().highWatermark())
                .sum();
    }

    private static ClusterDescription.Broker victim(Lograft cluster) {
        return victim(cluster, VICTIM);
    }

    private static ClusterDescription.Broker victim(Lograft cluster, int id) {
        return cluster.admin().describeCluster().brokers().stream()
                .filter(broker -> broker.id() == id)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isOut(Lograft cluster) {
        return victim(cluster).leaderCount() == 0 && inSyncCount(cluster) == 0;
    }

    private static long inSyncCount(Lograft cluster) {
        return topic(cluster).partitions().stream()
                .filter(partition -> partition.isr().contains(VICTIM))
                .count();
    }

    private static boolean isWhole(Lograft cluster) {
        return topic(cluster).partitions().stream()
                .allMatch(partition -> partition.isr().size() == 3);
    }
}
