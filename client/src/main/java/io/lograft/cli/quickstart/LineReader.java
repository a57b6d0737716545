package io.lograft.cli.quickstart;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.model.TopicPartition;
import io.lograft.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Reads its partitions from the beginning to the ends that it finds at the start. One thread. */
final class LineReader implements Callable<Long> {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Lograft cluster;
    private final List<TopicPartition> partitions;
    private final LineAudit audit;
    private final Progress progress;

    LineReader(Lograft cluster, List<TopicPartition> partitions, LineAudit audit, Progress progress) {
        this.cluster = cluster;
        this.partitions = List.copyOf(partitions);
        this.audit = audit;
        this.progress = progress;
    }

    /** Reads everything; returns how many records are unread at the end. */
    @Override
    public Long call() {
        try (Consumer consumer = cluster.consumer()) {
            consumer.assign(partitions);
            consumer.seekToBeginning();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            long lag = lag(consumer, ends);
            while (lag > 0 && System.nanoTime() < deadline) {
                consumer.poll(POLL).forEach(this::take);
                lag = lag(consumer, ends);
            }
            return lag;
        }
    }

    private void take(ConsumerRecord record) {
        int number = record.headers().stream()
                .filter(header -> header.key().equals(LineWriter.LINE_HEADER))
                .findFirst()
                .map(LineReader::number)
                .orElse(-1);
        synchronized (audit) {
            audit.read(number, Optional.ofNullable(record.keyText()), record.valueText());
        }
        progress.step();
    }

    private static int number(RecordHeader header) {
        return Integer.parseInt(new String(header.value(), StandardCharsets.US_ASCII));
    }

    private static long lag(Consumer consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }
}
