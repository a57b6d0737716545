package io.lograft.cli.quickstart;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.record.RecordHeader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * A group of two that reads the lines while they are written: one member on a thread here, the other one a process of its
 * own, {@code lograft consume --group}, which is killed on the way. The methods are for one thread.
 */
final class LineGroup implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_MS = 5;
    private static final String MARK = LineWriter.LINE_HEADER + "=";

    private final Lograft cluster;
    private final String topic;
    private final LineAudit audit;
    private final Progress progress;
    private final ExecutorService threads;
    private volatile int ownedHere;
    private volatile boolean isEnding;
    private Process other;
    private Future<?> here;
    private Future<?> listening;

    LineGroup(Lograft cluster, String topic, LineAudit audit, Progress progress, ExecutorService threads) {
        this.cluster = cluster;
        this.topic = topic;
        this.audit = audit;
        this.progress = progress;
        this.threads = threads;
    }

    /** Starts both, and returns once they share the partitions. */
    void start(String bootstrap, int partitionCount) throws Exception {
        other = new ProcessBuilder(command(bootstrap))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        listening = threads.submit(this::listen);
        here = threads.submit(this::read);
        await(() -> ownedHere == partitionCount / 2, "the two members share the partitions");
    }

    private String group() {
        return topic + "-readers";
    }

    private List<String> command(String bootstrap) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.lograft.cli.Main"));
        command.addAll(List.of("--bootstrap", bootstrap, "consume", topic, "--group", group()));
        command.addAll(List.of("--from-beginning", "--format", "%h\\t%v"));
        return command;
    }

    private void read() {
        try (Consumer member = cluster.consumer(group())) {
            member.subscribe(topic);
            while (!isEnding) {
                for (ConsumerRecord record : member.poll(POLL)) {
                    take(number(record), Optional.ofNullable(record.keyText()), record.valueText(), false);
                }
                ownedHere = member.assignment().size();
            }
        }
    }

    private static int number(ConsumerRecord record) {
        for (RecordHeader header : record.headers()) {
            if (header.key().equals(LineWriter.LINE_HEADER)) {
                return Integer.parseInt(new String(header.value(), StandardCharsets.US_ASCII));
            }
        }
        return -1;
    }

    /** Takes what the process prints, whole lines only: the last one may be cut short when it is killed. */
    private Void listen() throws IOException {
        try (InputStream printed = new BufferedInputStream(other.getInputStream())) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int next = printed.read(); next >= 0; next = printed.read()) {
                if (next == '\n') {
                    takePrinted(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
        return null;
    }

    private void takePrinted(String line) {
        int tab = line.indexOf('\t');
        int number = line.startsWith(MARK) && tab > 0 ? Integer.parseInt(line.substring(MARK.length(), tab)) : -1;
        String value = line.substring(tab + 1);
        take(number, LineKeys.keyOf(value), value, true);
    }

    private void take(int number, Optional<String> key, String line, boolean isOfTheOther) {
        boolean isNew;
        synchronized (audit) {
            int missing = audit.missingCount();
            audit.read(number, key, line, isOfTheOther);
            isNew = audit.missingCount() < missing;
        }
        if (isNew) {
            progress.step();
        }
    }

    /** Kills the other member; returns how many milliseconds later this one had all partitions. */
    long killOther(int partitionCount) throws Exception {
        await(this::hasTheOtherRead, "the member that is to be killed has read something");
        long startNs = System.nanoTime();
        // By its handle: the process itself would close its output, with what it printed and nobody has read yet.
        other.toHandle().destroyForcibly();
        other.waitFor();
        listening.get();
        await(() -> ownedHere == partitionCount, "the other member has taken over");
        return (System.nanoTime() - startNs) / 1_000_000;
    }

    private boolean hasTheOtherRead() {
        synchronized (audit) {
            return audit.hasTheOtherRead();
        }
    }

    /** Waits until every line was read; returns how many were not, in the end. */
    int finish() throws Exception {
        long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        int missing = missing();
        while (missing > 0 && System.nanoTime() < deadlineNs) {
            Thread.sleep(LOOK_EVERY_MS);
            missing = missing();
        }
        isEnding = true;
        here.get();
        return missing;
    }

    private int missing() {
        synchronized (audit) {
            return audit.missingCount();
        }
    }

    private void await(BooleanSupplier condition, String what) throws Exception {
        long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            if (here.isDone()) {
                here.get();
            }
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("not within " + TIMEOUT.toSeconds() + " s: " + what);
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    @Override
    public void close() {
        isEnding = true;
        if (other != null) {
            other.destroyForcibly();
        }
    }
}
