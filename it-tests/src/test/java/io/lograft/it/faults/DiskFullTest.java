package io.lograft.it.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.Eventually;
import io.lograft.it.ReplicaFiles;
import io.lograft.it.TestTopic;
import io.lograft.it.hosts.Commands;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The log directory of a broker lies on a small file system of its own, which fills up. Needs root, for the mount:
 * bin/test decides by the tag.
 */
@Tag("root")
class DiskFullTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);
    private static final int DISK_MIB = 64;
    private static final String TOPIC = "alone";

    @RegisterExtension
    final ClusterProcesses one = new ClusterProcesses(1);

    @RegisterExtension
    final ClusterProcesses three = new ClusterProcesses(3);

    @TempDir
    Path directory;

    private final List<Path> mounts = new ArrayList<>();

    @Test
    void aFullBrokerRefusesWritesServesReadsAndGoesOnOnceThereIsRoom() throws Exception {
        mountLogs(1);
        one.start(directory);
        try (Lograft cluster = Lograft.connect(one.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of(TOPIC).withPartitions(1).withReplication(1));
            ProducerOptions options = ProducerOptions.builder()
                    .deliveryTimeout(Duration.ofSeconds(5))
                    .build();
            Producer producer = cluster.producer(options);
            producer.send(record(0)).join();
            Path ballast = fill(one.logDirectory(1));
            long written = 1;
            Throwable refused = null;
            while (refused == null && written < 1_000) {
                int number = (int) written;
                refused = catchThrowable(() -> producer.send(record(number)).join());
                written += refused == null ? 1 : 0;
            }
            assertThat(refused).as("a write to a full disk").isInstanceOf(CompletionException.class);
            assertThat(((LograftException) refused.getCause()).code()).isEqualTo(ErrorCode.DISK_FULL);
            assertThat(one.isAlive(1)).isTrue();
            assertThat(read(cluster, written))
                    .as("records that can still be read")
                    .isGreaterThanOrEqualTo(written);
            Files.delete(ballast);
            Producer second = cluster.producer(options);
            Eventually.holds(
                    Duration.ofSeconds(60),
                    "writing goes on by itself",
                    () -> second.send(record(-1)).join().offset() > 0);
        }
        one.stop(one.ids());
    }

    @Test
    void aClusterWithAFullBrokerGoesOnAndTheBrokerCatchesUpOnceThereIsRoom() throws Exception {
        mountLogs(2);
        three.start(directory);
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(three.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, LoadShape.DEFAULT.of(0, 2_000))) {
                load.awaitAcknowledged(2_000, HEALING_MAX);
                Path ballast = fill(three.logDirectory(2));
                load.beginWindow();
                long before = load.acknowledgedCount();
                long seenBefore = load.seenCount();
                load.awaitAcknowledged(before + 20_000, HEALING_MAX);
                System.out.println(
                        "the disk of a broker is full: longest time without an acknowledgement in a partition "
                                + load.longestPause().toMillis() + " ms");
                assertThat(load.seenCount()).isGreaterThan(seenBefore);
                assertThat(three.isAlive(2)).isTrue();
                Files.delete(ballast);
                Faults.awaitHealth(cluster, HEALING_MAX);
                load.finish(Duration.ofMinutes(5));
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        three.stop(three.ids());
        files.assertSameEverywhere(three);
    }

    private static ProducerRecord record(int number) {
        return ProducerRecord.of(TOPIC, Integer.toString(number), "x".repeat(50_000));
    }

    private static long read(Lograft cluster, long wanted) {
        long[] read = {0};
        try (Consumer consumer = cluster.consumer()) {
            consumer.assign(consumer.partitionsOf(TOPIC));
            Eventually.holds(Duration.ofSeconds(30), () -> wanted + " records are read, not " + read[0], () -> {
                read[0] += consumer.poll(Duration.ofMillis(500)).size();
                return read[0] >= wanted;
            });
        }
        return read[0];
    }

    private void mountLogs(int broker) throws IOException {
        Path logs = Files.createDirectories(ClusterProcesses.logDirectory(directory, broker));
        Commands.run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "lograft-test", logs.toString());
        mounts.add(logs);
    }

    /** Takes all room there is. */
    private static Path fill(Path logs) throws IOException {
        Path ballast = logs.resolve("ballast");
        byte[] block = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        return ballast;
    }

    @AfterEach
    void unmount() {
        // Brokers that still run after a failure keep it busy; they are killed only afterwards.
        mounts.forEach(mount -> Commands.run("umount", "--lazy", mount.toString()));
    }
}
