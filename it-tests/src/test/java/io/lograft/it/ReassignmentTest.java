package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.cli.Main;
import io.lograft.client.Admin;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operator gives a topic more replicas, moves some to a new broker, changes his mind, and takes that broker out again,
 * all by commands and under load: nothing is lost, and the broker that is taken out holds nothing.
 */
@Tag("it")
class ReassignmentTest {
    private static final Duration WAIT = Duration.ofMinutes(2);
    private static final int RATE = 2_000;
    private static final int PARTITIONS = 4;
    private static final int NEW_BROKER = 4;

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(4);

    @TempDir
    Path directory;

    private String out;
    private String err;

    @Test
    void replicasAreMovedByCommandsUnderLoad() throws Exception {
        brokers.start(directory, "offsets.topic.num.partitions=2");
        ReplicaFiles files;
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            Admin admin = cluster.admin();
            admin.createTopic(NewTopic.of(TestTopic.NAME)
                    .withPartitions(PARTITIONS)
                    .withReplication(1)
                    .withConfig("min.insync.replicas", "1"));
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, LoadShape.DEFAULT.of(0, RATE))) {
                load.awaitAcknowledged(RATE, WAIT);
                raise(admin, load);
                moveToTheNewBroker(admin, load);
                changeMind(admin, load);
                takeTheNewBrokerOut(admin, load);
                load.finish(WAIT);
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
        }
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
    }

    /** From one replica to three. */
    private void raise(Admin admin, RecordLoad load) throws IOException {
        Path plan = plan("1,2,3", "--replication-factor", "3");
        assertThat(run(
                        "partition",
                        "reassign",
                        "execute",
                        "--file",
                        plan.toString(),
                        "--throttle",
                        "20000000",
                        "--wait"))
                .as(err)
                .isZero();
        assertThat(partitions(admin))
                .allSatisfy(partition -> assertThat(partition.isr()).containsExactlyInAnyOrder(1, 2, 3));
        goOn(load);
    }

    private void moveToTheNewBroker(Admin admin, RecordLoad load) throws IOException {
        Path plan = plan("1,2,3,4");
        assertThat(run("partition", "reassign", "status", "--file", plan.toString()))
                .isEqualTo(1);
        assertThat(err).startsWith("error: NO_REASSIGNMENT: 3 of 4 partitions are not as in the file");
        assertThat(run("partition", "reassign", "execute", "--file", plan.toString()))
                .as(err)
                .isZero();
        assertThat(run("partition", "reassign", "status", "--file", plan.toString(), "--wait"))
                .as(err)
                .isZero();
        assertThat(out).startsWith("nothing is under way").doesNotContain("in progress");
        assertThat(replicas(admin).stream().flatMap(List::stream).filter(id -> id == NEW_BROKER))
                .as("the fourth part of 12 replicas")
                .hasSize(3);
        assertThat(partitions(admin)).allMatch(partition -> partition.isr().size() == 3);
        goOn(load);
    }

    /** A move that gets nowhere is shown and given up. */
    private void changeMind(Admin admin, RecordLoad load) throws IOException {
        List<List<Integer>> before = replicas(admin);
        Path plan = plan("1,2,3");
        assertThat(run("partition", "reassign", "execute", "--file", plan.toString(), "--throttle", "1"))
                .as(err)
                .isZero();
        goOn(load);
        assertThat(run("partition", "reassign", "status", "-o", "json")).isZero();
        assertThat(out).contains("\"state\":\"in-progress\"").contains("\"inSync\":false");
        assertThat(run("partition", "reassign", "cancel", "--all")).as(err).isZero();
        assertThat(out.lines()).hasSize(1 + 3).allMatch(line -> line.contains("cancelled") || line.contains("RESULT"));
        assertThat(replicas(admin)).isEqualTo(before);
        assertThat(run("partition", "reassign", "status")).isZero();
        assertThat(out).isEqualTo("nothing is under way\n");
        goOn(load);
    }

    private void takeTheNewBrokerOut(Admin admin, RecordLoad load) {
        admin.createTopic(NewTopic.of("wide").withPartitions(1).withReplication(4));
        assertThat(run("broker", "decommission", "4")).isEqualTo(1);
        assertThat(err)
                .startsWith("error: UNSAFE_CHANGE: broker 4 stays as it is")
                .contains("wide-0");
        assertThat(replicas(admin)).anyMatch(replicas -> replicas.contains(NEW_BROKER));
        admin.deleteTopic("wide");

        assertThat(run("broker", "decommission", "4")).as(err).isZero();
        assertThat(out).startsWith("broker 4 has no replicas any more").doesNotContain("votes");
        assertThat(admin.describeTopics(List.of()).stream().flatMap(topic -> topic.partitions().stream()))
                .isNotEmpty()
                .noneMatch(partition -> partition.replicas().contains(NEW_BROKER));
        Eventually.holds(
                WAIT,
                () -> "broker 4 has no files of partitions: " + partitionsOnDisk(),
                () -> partitionsOnDisk().isEmpty());
        brokers.stop(List.of(NEW_BROKER));
        goOn(load);
        brokers.restart(List.of(NEW_BROKER));
    }

    private Path plan(String ids, String... more) throws IOException {
        String[] plan = {"-o", "json", "partition", "reassign", "plan", "--topic", TestTopic.NAME, "--brokers", ids};
        assertThat(run(Stream.of(plan, more).flatMap(Stream::of).toArray(String[]::new)))
                .as(err)
                .isZero();
        return Files.writeString(directory.resolve("plan.json"), out);
    }

    private static void goOn(RecordLoad load) {
        load.awaitAcknowledged(load.acknowledgedCount() + RATE, WAIT);
        load.check();
    }

    private static Collection<TopicDescription.Partition> partitions(Admin admin) {
        return admin.describeTopic(TestTopic.NAME).partitions();
    }

    private static List<List<Integer>> replicas(Admin admin) {
        return partitions(admin).stream()
                .map(TopicDescription.Partition::replicas)
                .toList();
    }

    private List<String> partitionsOnDisk() {
        String[] names = brokers.logDirectory(NEW_BROKER).toFile().list();
        assertThat(names).isNotNull();
        return Stream.of(names).filter(name -> name.matches(".*-[0-9]+")).toList();
    }

    private int run(String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int status = Main.run(
                args,
                Map.of("LOGRAFT_BOOTSTRAP", brokers.bootstrap()),
                new PrintStream(outBytes, false, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }
}
