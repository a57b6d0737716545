package io.lograft.cli.perf;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads a topic from its beginning on the caller's thread, and checks it on the way. Used once. */
final class ConsumeRun {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer consumer;
    private final OffsetAudit offsets;
    private final PayloadAudit payloads;
    private final long expected;
    private final boolean isWhole;
    private long records;
    private long bytes;
    private double firstRecordSeconds;

    /**
     * Begins to read all partitions.
     *
     * @param recordsMax how many to read; 0: those that are there now
     */
    ConsumeRun(Consumer consumer, String topic, long recordsMax, boolean isVerifying) {
        this.consumer = consumer;
        List<TopicPartition> partitions = consumer.partitionsOf(topic);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        long present = consumer.endOffsets(partitions).entrySet().stream()
                .mapToLong(end -> end.getValue() - begins.get(end.getKey()))
                .sum();
        long[] first = new long[partitions.size()];
        begins.forEach((partition, offset) -> first[partition.partition()] = offset);
        this.expected = recordsMax > 0 ? recordsMax : present;
        this.isWhole = expected >= present;
        this.offsets = new OffsetAudit(first);
        this.payloads = isVerifying ? new PayloadAudit(partitions.size()) : null;
    }

    /**
     * Reads until all that is expected was read, or nothing came for the time given. Returns the seconds from the start
     * to the last record.
     */
    double run(String topic, Duration idleMax, PerfProgress progress) {
        long startNs = System.nanoTime();
        long lastNs = startNs;
        consumer.assign(consumer.partitionsOf(topic));
        consumer.seekToBeginning();
        while (records < expected) {
            List<ConsumerRecord> polled = consumer.poll(POLL);
            for (int i = 0; i < polled.size(); i++) {
                read(polled.get(i));
            }
            long nowNs = System.nanoTime();
            if (!polled.isEmpty()) {
                firstRecordSeconds = lastNs == startNs ? (nowNs - startNs) / 1e9 : firstRecordSeconds;
                lastNs = nowNs;
            } else if (nowNs - lastNs > idleMax.toNanos()) {
                break;
            }
            if (progress.isDue(nowNs)) {
                progress.show(records, nowNs);
            }
        }
        progress.show(records, System.nanoTime());
        return (lastNs - startNs) / 1e9;
    }

    private void read(ConsumerRecord record) {
        records++;
        bytes += Math.max(0, record.keySizeBytes()) + Math.max(0, record.valueSizeBytes());
        offsets.read(record.partition(), record.offset());
        if (payloads != null) {
            payloads.read(record.partition(), record.valueBuffer());
        }
    }

    boolean isComplete() {
        return records >= expected;
    }

    long expected() {
        return expected;
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    double firstRecordSeconds() {
        return firstRecordSeconds;
    }

    OffsetAudit offsets() {
        return offsets;
    }

    /** Null where contents are not verified. */
    PayloadAudit payloads() {
        return payloads;
    }

    /** True if nothing is wrong with what was read, and, where the whole topic was read, nothing is missing from it. */
    boolean isClean() {
        boolean hasGoodOffsets = offsets.leftOut() == 0 && offsets.repeated() == 0;
        boolean hasGoodValues = payloads == null || (payloads.isClean() && (!isWhole || payloads.missing() == 0));
        return hasGoodOffsets && hasGoodValues;
    }
}
