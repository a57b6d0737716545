package io.lograft.cli.perf;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends records at a fixed rate to all partitions in turn, on the caller's thread, and reads them at the topic's end, on a
 * thread of its own. Used once.
 */
final class LatencyRun {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Producer producer;
    private final Consumer consumer;
    private final Load load;
    private final List<TopicPartition> partitions;
    private final Thread reader = new Thread(this::read, "reader");
    private LatencyLedger ledger;
    private volatile boolean isOver;
    private volatile RuntimeException readFailure;

    /**
     * What is sent.
     *
     * @param warmUpRecords records sent first, which do not count
     * @param records records sent after these
     * @param arrivalMax an acknowledged record that has not arrived after so long is missing
     */
    record Load(
            String topic,
            int sizeBytes,
            double recordsPerSecond,
            long warmUpRecords,
            long records,
            Duration arrivalMax) {
        long total() {
            return warmUpRecords + records;
        }
    }

    /** Puts the consumer at the topic's end: nothing that is sent from now on can pass it by. */
    LatencyRun(Producer producer, Consumer consumer, Load load) {
        this.producer = producer;
        this.consumer = consumer;
        this.load = load;
        this.partitions = consumer.partitionsOf(load.topic());
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
    }

    /**
     * Sends all records, and waits until each one failed, or was acknowledged and arrived or is missing. Throws what
     * reading threw, where it could not go on.
     */
    void run(PerfProgress progress) throws InterruptedException {
        int runId = ThreadLocalRandom.current().nextInt();
        ledger = new LatencyLedger(
                new LatencyLedger.Schedule(
                        runId,
                        System.nanoTime(),
                        load.recordsPerSecond(),
                        load.warmUpRecords(),
                        load.arrivalMax().toNanos()),
                LatencyLedger.UNSETTLED_MAX);
        reader.setDaemon(true);
        reader.start();
        try {
            sendAll(runId, progress);
            producer.flush();
            while (!ledger.isSettled(System.nanoTime())) {
                lookAgainLater(progress);
            }
            progress.show(ledger.acknowledgedCount(), System.nanoTime());
        } finally {
            isOver = true;
            consumer.wakeup();
            reader.join();
        }
    }

    private void sendAll(int runId, PerfProgress progress) {
        PerfPayload payload = new PerfPayload();
        byte[] value = new byte[load.sizeBytes()];
        for (long number = 0; number < load.total(); number++) {
            payload.write(runId, number, value);
            ProduceRun.awaitNs(ledger.dueNs(number), System.nanoTime());
            while (!ledger.hasRoom(System.nanoTime())) {
                lookAgainLater(progress);
            }
            send(value);
            lookAround(progress);
        }
    }

    private void send(byte[] value) {
        long sequence = ledger.send();
        int partition = (int) (sequence % partitions.size());
        producer.send(ProducerRecord.of(load.topic(), value).withPartition(partition), (written, failure) -> {
            if (failure == null) {
                ledger.acknowledged(sequence, System.nanoTime());
            } else {
                ledger.failed(sequence, failure);
            }
        });
    }

    private void lookAgainLater(PerfProgress progress) {
        LockSupport.parkNanos(LOOK_AGAIN_NS);
        lookAround(progress);
    }

    private void lookAround(PerfProgress progress) {
        if (readFailure != null) {
            throw readFailure;
        }
        long nowNs = System.nanoTime();
        if (progress.isDue(nowNs)) {
            progress.show(ledger.acknowledgedCount(), nowNs);
        }
    }

    private void read() {
        try {
            while (!isOver) {
                List<ConsumerRecord> polled = consumer.poll(POLL);
                long nowNs = System.nanoTime();
                for (int i = 0; i < polled.size(); i++) {
                    ledger.read(polled.get(i).valueBuffer(), nowNs);
                }
            }
        } catch (RuntimeException e) {
            readFailure = e; // The thread that sends throws it.
        }
    }

    /** What became of the records, after the run. */
    LatencyLedger ledger() {
        return ledger;
    }
}
