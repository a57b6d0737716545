package io.lograft.it.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.GroupProtocol;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RebalanceListener;
import io.lograft.client.assign.Assignor;
import io.lograft.client.assign.CooperativeStickyAssignor;
import io.lograft.client.assign.RangeAssignor;
import io.lograft.client.assign.RoundRobinAssignor;
import io.lograft.it.ClusterProcesses;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Groups whose members assign, against a real coordinator. */
@Tag("it")
class ClassicGroupTest {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(40);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(1);

    @TempDir
    Path directory;

    private Lograft cluster;

    @BeforeEach
    void start() throws Exception {
        brokers.start(directory);
        cluster = Lograft.connect(brokers.bootstrap());
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void membersShareThePartitionsWithEachKindOfAssignor() {
        List<List<Assignor>> kinds = List.of(
                List.of(new RangeAssignor()),
                List.of(new RoundRobinAssignor()),
                List.of(new CooperativeStickyAssignor()),
                List.of(new RangeAssignor(), new CooperativeStickyAssignor()));
        for (List<Assignor> kind : kinds) {
            shareHandOverAndGrow("topic-" + kinds.indexOf(kind), kind);
        }
    }

    private void shareHandOverAndGrow(String topic, List<Assignor> assignors) {
        cluster.admin().createTopic(NewTopic.of(topic).withPartitions(6));
        Map<String, Integer> seen = new HashMap<>();
        List<Consumer> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            members.add(member(topic, assignors).subscribe(topic));
        }
        pollUntil(
                members,
                seen,
                () -> members.stream().allMatch(m -> m.assignment().size() == 2));
        assertThat(members.stream().flatMap(m -> m.assignment().stream())).doesNotHaveDuplicates();

        int sent = produce(topic, 6, 0);
        pollUntil(members, seen, () -> seen.size() == 60);
        assertThat(seen.values()).as("each once, %s", assignors).containsOnly(1);

        members.remove(0).close();
        pollUntil(
                members,
                seen,
                () -> members.stream().allMatch(m -> m.assignment().size() == 3));
        produce(topic, 6, sent);
        pollUntil(members, seen, () -> seen.size() == 120);
        assertThat(seen.values()).as("each once, %s", assignors).containsOnly(1);

        cluster.admin().addPartitions(topic, 8);
        pollUntil(
                members,
                seen,
                () -> members.stream().allMatch(m -> m.assignment().size() == 4));
        members.forEach(Consumer::close);
    }

    @Test
    void withCooperativeAssignorsOnlyWhatMovesIsTakenAway() {
        cluster.admin().createTopic(NewTopic.of("orders").withPartitions(4));
        List<Assignor> cooperative = List.of(new CooperativeStickyAssignor());
        Set<TopicPartition> revoked = new TreeSet<>();
        Consumer first = member("billing", cooperative);
        first.subscribe(List.of("orders"), new RebalanceListener() {
            @Override
            public void onRevoked(Set<TopicPartition> partitions) {
                revoked.addAll(partitions);
            }
        });
        pollUntil(List.of(first), new HashMap<>(), () -> first.assignment().size() == 4);
        Consumer second = member("billing", cooperative).subscribe("orders");

        pollUntil(
                List.of(first, second),
                new HashMap<>(),
                () -> second.assignment().size() == 2);

        Set<TopicPartition> both = new HashSet<>(first.assignment());
        both.addAll(revoked);
        assertThat(first.assignment()).hasSize(2);
        assertThat(revoked).isEqualTo(second.assignment()).hasSize(2);
        assertThat(both).hasSize(4);
    }

    @Test
    void topicsThatMatchAPatternAreFoundAndMembersOfTheOtherProtocolRefused() {
        cluster.admin().createTopic(NewTopic.of("orders-a").withPartitions(1));
        Consumer member = member("billing", List.of(new RangeAssignor()));
        member.subscribe(Pattern.compile("orders-.*"));
        pollUntil(List.of(member), new HashMap<>(), () -> member.assignment().size() == 1);
        cluster.admin().createTopic(NewTopic.of("orders-b").withPartitions(2));
        pollUntil(List.of(member), new HashMap<>(), () -> member.assignment().size() == 3);

        Consumer other = cluster.consumer("billing").subscribe("orders-a");
        assertThatThrownBy(() -> pollUntil(List.of(other), new HashMap<>(), () -> false))
                .isInstanceOfSatisfying(
                        LograftException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL));
    }

    private Consumer member(String group, List<Assignor> assignors) {
        return cluster.consumer(
                group,
                ConsumerOptions.builder()
                        .groupProtocol(GroupProtocol.CLASSIC)
                        .assignors(assignors)
                        .build());
    }

    /** Ten records for each partition; the values go on from a number. */
    private int produce(String topic, int partitions, int from) {
        int next = from;
        try (Producer producer = cluster.producer()) {
            for (int i = 0; i < 10 * partitions; i++) {
                producer.send(ProducerRecord.of(topic, "value-" + next++).withPartition(i % partitions));
            }
        }
        return next;
    }

    /** Polls all in turn; counts how often each value was read. */
    private static void pollUntil(List<Consumer> members, Map<String, Integer> seen, BooleanSupplier isDone) {
        long deadlineNs = System.nanoTime() + LONG.toNanos();
        while (!isDone.getAsBoolean()) {
            Stream<Set<TopicPartition>> assigned = members.stream().map(Consumer::assignment);
            assertThat(System.nanoTime())
                    .as("time, with %s and %d records", assigned.toList(), seen.size())
                    .isLessThan(deadlineNs);
            for (Consumer member : members) {
                for (ConsumerRecord record : member.poll(POLL)) {
                    seen.merge(record.valueText(), 1, Integer::sum);
                }
            }
        }
    }
}
