package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code log dump} of what real brokers write: while they run, and after one was killed. */
@Tag("it")
class LogDumpTest {
    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    @Test
    void theDirectoriesOfALiveVoterAreShownAndSound() throws Exception {
        brokers.start(directory);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of("orders").withPartitions(2));
            produce("one\ntwo\n");

            for (int id = 1; id <= 3; id++) {
                assertThat(dump(brokers.metadataDirectory(id)).out())
                        .contains("CreateTopic")
                        .contains("orders");
                assertThat(dump(brokers.metadataDirectory(id), "--verify").out())
                        .contains("problems=0");
                assertThat(dump(brokers.logDirectory(id)).out()).contains("one").contains("two");
                assertThat(dump(brokers.logDirectory(id), "--no-records").out()).doesNotContain("two");
                assertThat(dump(brokers.logDirectory(id), "--verify").out()).contains("problems=0");
            }
            // Nobody was disturbed: all three still take part.
            produce("three\n");
            assertThat(cluster.admin().describeTopic("orders").partitions())
                    .allSatisfy(partition -> assertThat(partition.isr()).hasSize(3));
        }

        brokers.kill(List.of(1));
        assertThat(dump(brokers.metadataDirectory(1), "--output", "json").out().lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}"))
                .anySatisfy(line -> assertThat(line).contains("CreateTopic"));
        assertThat(dump(brokers.metadataDirectory(1), "--verify").out()).contains("problems=0");
        assertThat(dump(brokers.logDirectory(1), "--verify").out()).contains("problems=0");
    }

    private void produce(String lines) throws Exception {
        run(lines, "produce", "orders").orFail();
    }

    private Shell.Result dump(Path path, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("log", "dump", path.toString()));
        arguments.addAll(List.of(options));
        Shell.Result result = run("", arguments.toArray(String[]::new));
        assertThat(result.status())
                .as("log dump of %s: %s%n%s", path, result.err(), result.out())
                .isZero();
        return result;
    }

    private Shell.Result run(String input, String... arguments) throws Exception {
        return Shell.lograft(brokers.bootstrap(), input, arguments);
    }
}
