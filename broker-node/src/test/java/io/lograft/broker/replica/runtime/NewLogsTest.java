package io.lograft.broker.replica.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NewLogsTest {
    private static final TopicId TOPIC = new TopicId(1, 2);

    private final ArrayDeque<Runnable> storage = new ArrayDeque<>();
    private final List<Integer> made = new ArrayList<>();
    private final List<Integer> taken = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final NewLogs logs = new NewLogs(storage::add, Runnable::run, this::make, this::take);

    private io.lograft.broker.log.PartitionLog make(ReplicaSpec spec) throws IOException {
        made.add(spec.id().partition());
        if (spec.id().partition() == 13) {
            throw new IOException("no luck");
        }
        return null;
    }

    private void take(ReplicaSpec spec, NewLogs.Outcome outcome) {
        taken.add(spec.id().partition());
        try {
            assertThat(outcome.log()).isNull();
        } catch (IOException failed) {
            failures.add(failed.getMessage());
        }
    }

    private static PartitionId id(int partition) {
        return new PartitionId(TOPIC, partition);
    }

    private static ReplicaSpec spec(int partition) {
        BrokerId self = new BrokerId(1);
        PartitionConfiguration leaderless = new PartitionConfiguration(
                self,
                5,
                Optional.empty(),
                0,
                0,
                List.of(new PartitionConfiguration.Member(self, 5, true, false, true)),
                1,
                FlushMode.COMMIT,
                -1);
        return new ReplicaSpec(
                id(partition),
                new TopicPartition("t", partition),
                LogConfig.DEFAULTS,
                ProduceRules.of(1 << 20),
                leaderless);
    }

    @Test
    void makesAFewAtATimeAndLetsOtherTasksComeBetween() {
        for (int i = 0; i < 160; i++) {
            logs.want(spec(i));
        }
        assertThat(made).isEmpty();
        assertThat(storage).hasSize(1);
        storage.removeFirst().run();
        assertThat(taken).hasSize(64).isEqualTo(made);
        assertThat(storage).hasSize(1);
        storage.removeFirst().run();
        storage.removeFirst().run();
        assertThat(taken).hasSize(160).doesNotHaveDuplicates();
        assertThat(storage).isEmpty();
        assertThat(failures).containsExactly("no luck");
    }

    @Test
    void whatIsForgottenIsNotMade() {
        logs.want(spec(1));
        logs.want(spec(2));
        logs.want(spec(2));
        logs.forget(id(1));
        storage.removeFirst().run();
        assertThat(made).containsExactly(2);
        logs.want(spec(3));
        logs.forget(id(3));
        storage.removeFirst().run();
        assertThat(made).containsExactly(2);
        assertThat(storage).isEmpty();
        logs.want(spec(4));
        assertThat(storage).hasSize(1);
    }
}
