package io.lograft.cli;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.OffsetAndMetadata;
import io.lograft.client.OffsetReset;
import io.lograft.client.RebalanceListener;
import io.lograft.model.TopicPartition;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads a topic as a member of a group, and commits what was printed: at least once a second, and when partitions or the
 * whole command go. The end of the process by a signal is a way to leave: nobody has to wait for the session timeout.
 * One thread, but for the one that the signal starts.
 */
final class GroupReading {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long COMMIT_EVERY_MS = 1_000;
    private static final long LEAVE_MS_MAX = 5_000;

    /** Prints records; false when nobody reads them any more, and then they are not committed. */
    interface Printer {
        boolean print(List<ConsumerRecord> records);
    }

    /**
     * What to read.
     *
     * @param isUntilEnd stop at the high watermarks found at the start
     * @param reset where to begin without committed offsets
     */
    record Task(String topic, long maxMessages, boolean isUntilEnd, OffsetReset reset) {}

    private final String topic;
    private final long maxMessages;
    private final boolean isUntilEnd;
    private final OffsetReset reset;
    private final Printer printer;
    private final PrintStream notes;
    private final Map<TopicPartition, OffsetAndMetadata> printed = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean isEnding;
    private Consumer consumer;
    private long commitDueMs;

    GroupReading(Task task, Printer printer, PrintStream notes) {
        this.topic = task.topic();
        this.maxMessages = task.maxMessages();
        this.isUntilEnd = task.isUntilEnd();
        this.reset = task.reset();
        this.printer = printer;
        this.notes = notes;
    }

    /** Reads until the limit, the end or a signal. */
    void run(Lograft cluster, String group) {
        ConsumerOptions options = ConsumerOptions.builder()
                .offsetReset(reset)
                .autoCommit(Duration.ZERO)
                .clientId("lograft consume")
                .build();
        Thread onSignal = new Thread(this::end, "leaves the group");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (Consumer member = cluster.consumer(group, options)) {
            consumer = member;
            if (isUntilEnd) {
                ends.putAll(member.endOffsets(member.partitionsOf(topic)));
            }
            member.subscribe(List.of(topic), new CommitsWhatGoes());
            read();
            commit();
        } finally {
            done.countDown();
            removeHook(onSignal);
        }
    }

    /** On the thread of a signal: the process ends when this returns. */
    private void end() {
        isEnding = true;
        try {
            if (!done.await(LEAVE_MS_MAX, TimeUnit.MILLISECONDS)) {
                notes.println("note: ended without leaving the group, which took more than " + LEAVE_MS_MAX + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            // The signal came: the hook runs, and waits for what was just done.
            return;
        }
    }

    private void read() {
        long left = maxMessages;
        while (left > 0 && !isEnding && !Thread.currentThread().isInterrupted() && !isAtEnd()) {
            List<ConsumerRecord> records = consumer.poll(POLL).stream()
                    .filter(record -> !isUntilEnd || record.offset() < ends.getOrDefault(record.topicPartition(), 0L))
                    .limit(left)
                    .toList();
            if (!printer.print(records)) {
                return;
            }
            left -= records.size();
            for (ConsumerRecord record : records) {
                printed.put(record.topicPartition(), OffsetAndMetadata.of(record.offset() + 1));
            }
            if (System.currentTimeMillis() >= commitDueMs) {
                commit();
            }
        }
    }

    /** At the end of the whole topic, be it by this member or by another one, whose commits tell. */
    private boolean isAtEnd() {
        if (!isUntilEnd) {
            return false;
        }
        Set<TopicPartition> elsewhere = new HashSet<>();
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            if (end.getValue() == 0) {
                continue;
            }
            if (!consumer.assignment().contains(end.getKey())) {
                elsewhere.add(end.getKey());
            } else if (consumer.position(end.getKey()) < end.getValue()) {
                return false;
            }
        }
        if (elsewhere.isEmpty()) {
            return true;
        }
        commit();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(elsewhere);
        return elsewhere.stream().allMatch(partition -> {
            OffsetAndMetadata offset = committed.get(partition);
            return offset == null ? reset == OffsetReset.LATEST : offset.offset() >= ends.get(partition);
        });
    }

    private void commit() {
        commitDueMs = System.currentTimeMillis() + COMMIT_EVERY_MS;
        if (!printed.isEmpty()) {
            consumer.commit(Map.copyOf(printed));
            printed.clear();
        }
    }

    private final class CommitsWhatGoes implements RebalanceListener {
        @Override
        public void onRevoked(Set<TopicPartition> partitions) {
            commit();
        }

        @Override
        public void onLost(Set<TopicPartition> partitions) {
            printed.keySet().removeAll(partitions);
            notes.println("note: the group did not hear of this member for too long and took partitions away; what was"
                    + " printed last of " + partitions + " may be printed by another member, too");
        }
    }
}
