package io.lograft.it.group;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.OffsetAndMetadata;
import io.lograft.client.RebalanceListener;
import io.lograft.model.TopicPartition;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A member of a group: waits for "go" on its input, then reads until the input says "leave" or ends. Says what it does, a
 * line for each thing: {@code assigned MS P,…}, {@code revoked MS P,…}, {@code lost MS P,…}, {@code read MS P OFFSET},
 * {@code committed P OFFSET}.
 */
final class MemberMain {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long COMMIT_EVERY_MS = 200;

    private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
    private final Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
    private volatile boolean isLeaving;

    private MemberMain() {}

    public static void main(String[] arguments) throws IOException {
        new MemberMain().run(arguments[0], arguments[1], arguments[2], Integer.parseInt(arguments[3]));
    }

    private void run(String bootstrap, String group, String topic, int sessionMs) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        ConsumerOptions options = ConsumerOptions.builder()
                .autoCommit(Duration.ZERO)
                .sessionTimeout(Duration.ofMillis(sessionMs))
                .build();
        try (Lograft cluster = Lograft.connect(bootstrap);
                Consumer consumer = cluster.consumer(group, options)) {
            consumer.partitionsOf(topic);
            out.println("ready");
            out.flush();
            if (!"go".equals(commands.readLine())) {
                return;
            }
            Thread.ofPlatform().daemon().start(() -> awaitLeave(commands));
            consumer.subscribe(List.of(topic), new Listener(consumer));
            long commitDueMs = System.currentTimeMillis() + COMMIT_EVERY_MS;
            while (!isLeaving) {
                for (ConsumerRecord record : consumer.poll(POLL)) {
                    read.put(record.topicPartition(), OffsetAndMetadata.of(record.offset() + 1));
                    out.println(
                            "read " + System.currentTimeMillis() + " " + record.partition() + " " + record.offset());
                }
                if (System.currentTimeMillis() >= commitDueMs) {
                    commit(consumer);
                    commitDueMs = System.currentTimeMillis() + COMMIT_EVERY_MS;
                }
                out.flush();
            }
            commit(consumer);
        }
        out.println("left " + System.currentTimeMillis());
        out.flush();
    }

    private void awaitLeave(BufferedReader commands) {
        try {
            commands.readLine();
        } catch (IOException gone) {
            out.println("input is gone: " + gone);
        }
        isLeaving = true;
    }

    private void commit(Consumer consumer) {
        if (read.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> committed = Map.copyOf(read);
        try {
            consumer.commit(committed);
            committed.forEach(
                    (partition, offset) -> out.println("committed " + partition.partition() + " " + offset.offset()));
            read.clear();
        } catch (LograftException refused) {
            out.println("refused " + refused.code() + " " + refused.getMessage());
        }
    }

    private final class Listener implements RebalanceListener {
        private final Consumer consumer;

        private Listener(Consumer consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onAssigned(Set<TopicPartition> partitions) {
            say("assigned", partitions);
        }

        @Override
        public void onRevoked(Set<TopicPartition> partitions) {
            commit(consumer);
            say("revoked", partitions);
        }

        @Override
        public void onLost(Set<TopicPartition> partitions) {
            read.keySet().removeAll(partitions);
            say("lost", partitions);
        }

        private void say(String what, Set<TopicPartition> partitions) {
            String numbers = partitions.stream()
                    .map(partition -> Integer.toString(partition.partition()))
                    .collect(Collectors.joining(","));
            out.println(what + " " + System.currentTimeMillis() + " " + numbers);
            out.flush();
        }
    }
}
