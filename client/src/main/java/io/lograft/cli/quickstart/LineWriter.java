package io.lograft.cli.quickstart;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;

/** Writes lines as records with acks=all; each carries its number in a header. Used once, by one thread. */
final class LineWriter {
    /** Header with the number of the line in the file, from 0, in decimal. */
    static final String LINE_HEADER = "line";

    private static final int SIGNIFICANT_DIGITS = 3;

    private final ConcurrentHistogram latencyUs = new ConcurrentHistogram(SIGNIFICANT_DIGITS);
    private final AtomicReference<LograftException> firstFailure = new AtomicReference<>();
    private final Progress progress;
    private long tookMs;

    LineWriter(Progress progress) {
        this.progress = progress;
    }

    /**
     * Writes all lines, and returns once all are acknowledged; throws what the first line that failed did.
     *
     * @param atHalf run by this thread when half of the lines have been sent
     */
    void write(Lograft cluster, String topic, List<String> lines, Runnable atHalf) {
        long start = System.nanoTime();
        try (Producer producer = cluster.producer()) {
            for (int number = 0; number < lines.size(); number++) {
                if (number == lines.size() / 2) {
                    atHalf.run();
                }
                send(producer, topic, number, lines.get(number));
            }
            producer.flush();
        }
        tookMs = (System.nanoTime() - start) / 1_000_000;
        if (firstFailure.get() != null) {
            throw firstFailure.get();
        }
    }

    private void send(Producer producer, String topic, int number, String line) {
        byte[] mark = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
        String key = LineKeys.keyOf(line).orElse(null);
        long sentNs = System.nanoTime();
        producer.send(ProducerRecord.of(topic, key, line).withHeader(LINE_HEADER, mark), (written, failure) -> {
            if (failure != null) {
                firstFailure.compareAndSet(null, failure);
            }
            latencyUs.recordValue((System.nanoTime() - sentNs) / 1000);
            progress.step();
        });
    }

    long tookMs() {
        return tookMs;
    }

    Outcome.Latency latency() {
        return new Outcome.Latency(
                latencyUs.getValueAtPercentile(50), latencyUs.getValueAtPercentile(99), latencyUs.getMaxValue());
    }
}
