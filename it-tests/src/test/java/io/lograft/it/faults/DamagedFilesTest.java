package io.lograft.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.TopicDescription;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.Eventually;
import io.lograft.it.ReplicaFiles;
import io.lograft.it.TestTopic;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of a stopped broker are damaged, of every kind and in every way of {@link Damage}, while the other two
 * brokers serve producers and consumers; and those of a broker that runs. {@code -Dit.damages} makes it longer: every file is damaged in so many ways.
 */
@Tag("it")
class DamagedFilesTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);
    private static final int ROUNDS = Integer.getInteger("it.damages", 2);
    private static final int VICTIM = 2;
    private static final String[] SMALL_SEGMENTS = {"log.segment.bytes=262144", "message.max.bytes=262144"};

    /** Rebuilt from the log, whatever becomes of them. */
    private static final List<String> SIDE_FILES =
            List.of(".index", ".timeindex", ".snapshot", "leader-epoch-checkpoint", "truncation-point");

    private static final List<String> DIRECTORY_FILES = List.of(
            "recovery-point-offset-checkpoint",
            "replication-offset-checkpoint",
            "log-start-offset-checkpoint",
            "boot-id",
            ".clean-shutdown",
            "broker.pid");

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void damagedSideFilesNeverStopABroker() throws Exception {
        underLoad(() -> {
            for (int round = 0; round < ROUNDS; round++) {
                takeDown(round % 2 == 0);
                int number = 2 * round;
                for (Path file : files(file -> SIDE_FILES.stream().anyMatch(file.toString()::endsWith))) {
                    Damage.number(number++).apply(file);
                }
                number = 3 * round;
                for (String name : DIRECTORY_FILES) {
                    Path file = brokers.logDirectory(VICTIM).resolve(name);
                    if (Files.exists(file)) {
                        Damage.number(number++).apply(file);
                    }
                }
                brokers.restart(List.of(VICTIM));
            }
        });
    }

    @Test
    void aReplicaWithADamagedLogIsReportedAndRefilled() throws Exception {
        underLoad(() -> {
            for (int round = 0; round < ROUNDS; round++) {
                awaitCheckpoints();
                takeDown(false);
                // What lies behind the recovery point is verified at the start; without one, all is.
                forgetRecoveryPoint();
                assertReported(damageSegments(round));
            }
            takeDown(true);
            assertReported(damagePartitionMetadata());
        });
    }

    @Test
    void damageThatIsReadWhileTheBrokerRunsIsReportedAndRefilled() throws Exception {
        underLoad(() -> {
            awaitCheckpoints();
            List<String> reports = flipBitsUnderTheVictim();
            readAll();
            Eventually.holds(
                    HEALING_MAX,
                    () -> reports + " by broker " + VICTIM,
                    () -> reports.stream().allMatch(brokers.said(VICTIM)::contains));
        });
    }

    /** Flips a bit in a closed segment of each partition that the victim leads; returns what it has to say of that. */
    private List<String> flipBitsUnderTheVictim() throws IOException {
        List<String> reports = new ArrayList<>();
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            for (TopicDescription.Partition partition :
                    TestTopic.describe(cluster).partitions()) {
                if (partition.leader() == VICTIM) {
                    Path segment = segmentsOnRecord(partition.number()).getFirst();
                    // A header's, then a record's.
                    flipBit(segment, reports.isEmpty() ? 0 : Files.size(segment) / 2);
                    String name = TestTopic.NAME + "-" + partition.number();
                    reports.add(name + ": this replica is lost and will be refilled: " + name + "/"
                            + segment.getFileName() + " is damaged at position ");
                }
            }
        }
        assertThat(reports).as("partitions that broker %d leads", VICTIM).hasSizeGreaterThan(1);
        return reports;
    }

    private static void flipBit(Path file, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer content = ByteBuffer.allocate(1);
            channel.read(content, position);
            content.put(0, (byte) (content.get(0) ^ 1)).flip();
            channel.write(content, position);
        }
    }

    private void readAll() {
        try (Lograft cluster = Lograft.connect(brokers.bootstrap());
                Consumer consumer = cluster.consumer()) {
            List<TopicPartition> partitions = consumer.partitionsOf(TestTopic.NAME);
            long expected = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            consumer.assign(partitions);
            consumer.seekToBeginning();
            long[] read = {0};
            Eventually.holds(HEALING_MAX, () -> "all is read, " + read[0] + " of " + expected + " records", () -> {
                read[0] += consumer.poll(Duration.ofSeconds(1)).size();
                return read[0] >= expected;
            });
        }
    }

    /** Restarts the victim; it has to say all this, and to be let in all the same. */
    private void assertReported(List<String> reports) {
        int before = brokers.said(VICTIM).length();
        brokers.restart(List.of(VICTIM));
        assertThat(brokers.said(VICTIM).substring(before)).contains(reports);
    }

    /** Damages a segment of each partition; returns what the broker has to say of that. */
    private List<String> damageSegments(int round) throws IOException {
        List<String> reports = new ArrayList<>();
        for (int partition = 0; partition < TestTopic.PARTITIONS; partition++) {
            List<Path> segments = segmentsOnRecord(partition);
            assertThat(segments)
                    .as("closed segments of partition %d", partition)
                    .isNotEmpty();
            Path sealed = segments.get(round % segments.size());
            Damage damage = Damage.number(round * TestTopic.PARTITIONS + partition);
            damage.apply(sealed);
            // Where a segment is gone, the one before it is followed by the wrong one.
            String where = damage == Damage.DELETED ? "" : sealed.getFileName() + " is damaged at position ";
            String name = TestTopic.NAME + "-" + partition;
            reports.add(name + ": this replica is lost and will be refilled: " + name + "/" + where);
        }
        return reports;
    }

    /** Damages what says which topic a partition belongs to; returns what the broker has to say of that. */
    private List<String> damagePartitionMetadata() throws IOException {
        List<String> reports = new ArrayList<>();
        for (int partition = 0; partition < TestTopic.PARTITIONS; partition++) {
            Damage.number(partition).apply(partition(partition).resolve("partition.metadata"));
            reports.add(TestTopic.NAME + "-" + partition
                    + ": this replica is lost: partition.metadata does not say whose it is");
        }
        return reports;
    }

    @Test
    void aBrokerThatDoesNotKnowWhoItIsSaysSoInOneLine() throws Exception {
        brokers.start(directory, SMALL_SEGMENTS);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            takeDown(true);
            Path logs = brokers.logDirectory(VICTIM).resolve("meta.properties");
            Path metadata = brokers.metadataDirectory(VICTIM).resolve("meta.properties");
            for (Damage damage : List.of(Damage.EMPTIED, Damage.TRUNCATED, Damage.ZEROED)) {
                assertRefused(logs, damage);
                assertRefused(metadata, damage);
            }
            assertRefused(logs, Damage.DELETED);
            brokers.restart(List.of(VICTIM));
            Faults.awaitHealth(cluster, HEALING_MAX);
        }
    }

    private void assertRefused(Path file, Damage damage) throws IOException {
        byte[] good = Files.readAllBytes(file);
        damage.apply(file);
        long before = brokers.said(VICTIM).lines().count();
        brokers.launch(List.of(VICTIM));
        int status = brokers.awaitExit(VICTIM, Duration.ofMinutes(1));
        List<String> errors = brokers.said(VICTIM)
                .lines()
                .skip(before)
                .filter(line -> line.startsWith("error: "))
                .toList();
        assertThat(status).as("%s %s: %s", file, damage, errors).isEqualTo(1);
        assertThat(errors).as("%s %s", file, damage).hasSize(1);
        assertThat(errors.getFirst())
                .as("%s %s", file, damage)
                .contains(file.getParent().toString())
                .contains("meta.properties");
        Files.write(file, good);
    }

    private interface Part {
        void run() throws Exception;
    }

    /** Something happens while records are written and read; afterwards all are there, the same on all brokers. */
    private void underLoad(Part part) throws Exception {
        brokers.start(directory, SMALL_SEGMENTS);
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, LoadShape.DEFAULT.of(0, 4_000))) {
                load.awaitAcknowledged(24_000, HEALING_MAX);
                part.run();
                Faults.awaitHealth(cluster, HEALING_MAX);
                load.finish(Duration.ofMinutes(5));
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
    }

    /** Ends the victim once it is in sync with the others, and thus has something to lose. */
    private void takeDown(boolean isClean) {
        awaitHealth();
        if (isClean) {
            brokers.stop(List.of(VICTIM));
        } else {
            brokers.kill(List.of(VICTIM));
        }
    }

    private void awaitHealth() {
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            Faults.awaitHealth(cluster, HEALING_MAX);
        }
    }

    /** Waits until the victim has caught up, and each partition has a segment that may be damaged. */
    private void awaitCheckpoints() {
        awaitHealth();
        Eventually.holds(HEALING_MAX, "the high watermarks are on record", () -> {
            for (int partition = 0; partition < TestTopic.PARTITIONS; partition++) {
                // While a replica that was made anew has this file, what is on record of it does not count.
                boolean counts = !Files.exists(partition(partition).resolve("truncation-point"));
                if (!counts || segmentsOnRecord(partition).isEmpty()) {
                    return false;
                }
            }
            return true;
        });
    }

    /**
     * The segments that end below the high watermark that is on record. There nothing may be missing, which tells damage
     * from a torn tail: beyond it a broker may cut what it finds damaged, and has nothing to report.
     */
    private List<Path> segmentsOnRecord(int partition) throws IOException {
        String entry = TestTopic.NAME + " " + partition + " ";
        long highWatermark = 0;
        for (String line : Files.readAllLines(brokers.logDirectory(VICTIM).resolve("replication-offset-checkpoint"))) {
            if (line.startsWith(entry)) {
                highWatermark = Long.parseLong(line.substring(entry.length()));
            }
        }
        List<Path> segments = segments(partition);
        List<Path> onRecord = new ArrayList<>();
        for (int i = 0; i + 1 < segments.size() && baseOffset(segments.get(i + 1)) <= highWatermark; i++) {
            onRecord.add(segments.get(i));
        }
        return onRecord;
    }

    private static long baseOffset(Path segment) {
        String name = segment.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    private void forgetRecoveryPoint() throws IOException {
        Files.deleteIfExists(brokers.logDirectory(VICTIM).resolve("recovery-point-offset-checkpoint"));
    }

    private Path partition(int number) {
        return brokers.logDirectory(VICTIM).resolve(TestTopic.NAME + "-" + number);
    }

    private List<Path> segments(int partition) throws IOException {
        return files(file ->
                file.getParent().equals(partition(partition)) && file.toString().endsWith(".log"));
    }

    private interface FileChoice {
        boolean accepts(Path file);
    }

    /** The victim's files in the directories of partitions, ordered by name. */
    private List<Path> files(FileChoice choice) throws IOException {
        try (Stream<Path> all = Files.walk(brokers.logDirectory(VICTIM))) {
            return all.filter(Files::isRegularFile)
                    .filter(choice::accepts)
                    .sorted()
                    .toList();
        }
    }
}
