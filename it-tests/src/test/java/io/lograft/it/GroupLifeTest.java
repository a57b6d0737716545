package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands about groups, as a person types them, against a real coordinator. */
@Tag("it")
class GroupLifeTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(1);

    @TempDir
    Path directory;

    @Test
    void aGroupIsReadDescribedSetBackAndDeleted() throws Exception {
        brokers.start(directory);
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            cluster.admin().createTopic(NewTopic.of("orders").withPartitions(2));
            assertThat(run("one\ntwo\nthree\n", "produce", "orders").status()).isZero();

            assertThat(run("", "consume", "orders", "--group", "billing", "--from-beginning", "--max-messages", "3")
                            .orFail()
                            .lines())
                    .containsExactlyInAnyOrder("one", "two", "three");
            assertThat(run("", "group", "list").orFail()).contains("billing");
            assertThat(run("", "group", "describe", "billing", "--output", "json")
                            .orFail())
                    .contains("\"state\":\"Empty\"")
                    .contains("\"lag\":0");

            String dry = run("", "group", "reset-offsets", "billing", "--to-earliest", "--dry-run")
                    .orFail();
            assertThat(dry).contains("nothing was changed");
            assertThat(committed(cluster)).isEqualTo(3);
            run("", "group", "reset-offsets", "billing", "--to-earliest").orFail();
            assertThat(committed(cluster)).isZero();

            try (Consumer member = cluster.consumer("billing").subscribe("orders")) {
                member.poll(TIMEOUT);
                assertThat(run("", "group", "describe", "billing").orFail())
                        .contains("Stable")
                        .contains("OWNED-SINCE");
                Shell.Result refused = run("", "group", "reset-offsets", "billing", "--to-latest");
                assertThat(refused.status()).isEqualTo(1);
                assertThat(refused.err()).startsWith("error: GROUP_NOT_EMPTY: ");
            }

            run("", "group", "delete", "billing").orFail();
            assertThat(run("", "group", "list").orFail()).doesNotContain("billing");
            Shell.Result gone = run("", "group", "describe", "billing");
            assertThat(gone.status()).isEqualTo(1);
            assertThat(gone.err()).startsWith("error: UNKNOWN_GROUP: ");
        }
    }

    private static long committed(Lograft cluster) {
        return cluster.admin().groups().committed("billing").values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private Shell.Result run(String input, String... arguments) throws Exception {
        return Shell.lograft(brokers.bootstrap(), input, arguments);
    }
}
