package io.lograft.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A consumer that reads all partitions while records are written, and checks what it sees at once: offsets without gap or
 * repeat, bytes as they were sent, numbers of a key that rise, and each record where it was acknowledged and where any
 * consumer saw it before. Has a thread of its own, which ends at the first thing that is wrong.
 */
final class Watcher {
    private static final Duration POLL = Duration.ofMillis(200);
    /** What a consumer that starts anew reads between two starts. */
    private static final long RECORDS_PER_PASS = 20_000;

    private static final int BACK_MAX = 50_000;

    private final Consumer consumer;
    private final List<TopicPartition> partitions;
    private final Ledger ledger;
    private final boolean startsAnew;
    private final java.util.function.Consumer<Throwable> broken;
    private final Thread thread;
    private final long[] next;
    private final int[] lastOfKey = new int[Payload.KEYS];
    private volatile boolean isEnding;
    private volatile boolean isClosed;

    private Watcher(
            Lograft cluster,
            String topic,
            Ledger ledger,
            boolean startsAnew,
            java.util.function.Consumer<Throwable> broken) {
        this.consumer = cluster.consumer();
        this.partitions = consumer.partitionsOf(topic);
        this.ledger = ledger;
        this.startsAnew = startsAnew;
        this.broken = broken;
        this.next = new long[partitions.size()];
        this.thread = new Thread(this::run, startsAnew ? "watcher-anew" : "watcher");
        Arrays.fill(lastOfKey, -1);
    }

    /** Starts to read from the beginning; one that starts anew goes back to earlier offsets from time to time. */
    static Watcher start(
            Lograft cluster,
            String topic,
            Ledger ledger,
            boolean startsAnew,
            java.util.function.Consumer<Throwable> broken) {
        Watcher watcher = new Watcher(cluster, topic, ledger, startsAnew, broken);
        watcher.thread.start();
        return watcher;
    }

    private void run() {
        try {
            consumer.assign(partitions);
            consumer.seekToBeginning();
            long readInPass = 0;
            while (!isClosed && !hasAll()) {
                List<ConsumerRecord> records = consumer.poll(POLL);
                records.forEach(this::look);
                readInPass += records.size();
                if (startsAnew && !isEnding && readInPass > RECORDS_PER_PASS) {
                    readInPass = 0;
                    goBack();
                }
            }
        } catch (RuntimeException | Error e) {
            if (!isClosed) {
                broken.accept(e);
            }
        }
    }

    private void look(ConsumerRecord record) {
        int partition = record.partition();
        require(record.offset() == next[partition], record, "the offset that follows is " + next[partition]);
        next[partition]++;
        int number = Payload.numberOf(record);
        require(number >= 0, record, "it is not what was sent");
        int key = number % Payload.KEYS;
        require(
                number > lastOfKey[key],
                record,
                "record " + number + " comes after " + lastOfKey[key] + " of the same key");
        lastOfKey[key] = number;
        String wrong = ledger.seen(number, Ledger.place(partition, record.offset()));
        require(wrong == null, record, wrong);
    }

    private void require(boolean isTrue, ConsumerRecord record, String what) {
        if (!isTrue) {
            throw new AssertionError(Thread.currentThread().getName() + " read " + record + ": " + what);
        }
    }

    /** A different distance for each partition, so that batches are met at other places than before. */
    private void goBack() {
        for (TopicPartition partition : partitions) {
            int index = partition.partition();
            next[index] = Math.max(0, next[index] - (BACK_MAX - 1_777L * (index + 1)));
            consumer.seek(partition, next[index]);
        }
        Arrays.fill(lastOfKey, -1);
    }

    private boolean hasAll() {
        if (!isEnding) {
            return false;
        }
        var ends = consumer.endOffsets(partitions);
        return partitions.stream().allMatch(partition -> next[partition.partition()] >= ends.get(partition));
    }

    /** Reads to the end. The load must have ended. */
    void finish(long deadline) {
        isEnding = true;
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        assertThat(thread.isAlive())
                .as("%s still reads, it is at %s", thread.getName(), Arrays.toString(next))
                .isFalse();
    }

    void close() {
        isClosed = true;
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        consumer.close();
    }
}
