package io.lograft.broker.log;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.SynchronousQueue;

/**
 * How fast one log takes batches, without fsync and with back-to-back group commit on a second thread. Not a test; run
 * {@code main} with an empty directory, and a number of GiB to write in each round.
 */
public final class LogBench {
    private static final int ROUNDS = 5;
    private static final long BUFFER_BYTES = 64 << 20;

    private final String root;
    private final long bytes;
    private int logs;

    private LogBench(String root, long bytes) {
        this.root = root;
        this.bytes = bytes;
    }

    public static void main(String[] arguments) throws Exception {
        LogBench bench = new LogBench(arguments[0], Long.parseLong(arguments[1]) << 30);
        for (int batchBytes : new int[] {1 << 10, 16 << 10, 128 << 10}) {
            // In alternation, so that other users of the machine hit all alike.
            for (int round = 0; round < ROUNDS; round++) {
                bench.runRaw(batchBytes, round);
                bench.run(batchBytes, false, round);
                bench.run(batchBytes, true, round);
            }
        }
    }

    private void run(int batchBytes, boolean isFlushed, int round) throws Exception {
        NioFileStore store = NioFileStore.createAt(root + "/" + logs++);
        LogDirectory directory = LogDirectory.open(store, "");
        directory.beginWriting();
        TopicPartition name = new TopicPartition("bench", 0);
        PartitionLog log = directory.createPartition(name, LogHarness.ID, FlushMode.COMMIT, LogConfig.DEFAULTS);
        List<ByteBuffer> buffers = buffers(batchBytes);
        long count = Math.min(bytes / batchBytes, 400_000);
        long cpuBefore = cpuNanos();
        long start = System.nanoTime();
        int rounds = isFlushed ? appendFlushed(log, buffers, count) : append(log, buffers, count);
        String what = isFlushed ? "log, " + rounds + " flush rounds" : "log";
        report(batchBytes, what, round, new Used(System.nanoTime() - start, cpuNanos() - cpuBefore, count));
        log.abandon();
        directory.deletePartition(name, LogHarness.ID);
        new DeletedTrees(directory.store()).delete(() -> false);
        directory.close();
    }

    private record Used(long nanos, long cpuNanos, long count) {}

    private static void report(int batchBytes, String what, int round, Used used) {
        double gigabytes = (double) used.count() * batchBytes / 1e9;
        System.out.printf(
                "%7d B round %d: %7.0f MB/s %9.0f batches/s %5.2f CPU s/GB %6.1f us CPU a batch  %s%n",
                batchBytes,
                round,
                gigabytes * 1e12 / used.nanos(),
                used.count() * 1e9 / used.nanos(),
                used.cpuNanos() / 1e9 / gigabytes,
                used.cpuNanos() / 1e3 / used.count(),
                what);
    }

    /** The floor: the same bytes written to a file, and nothing else. */
    private void runRaw(int batchBytes, int round) throws IOException {
        NioFileStore store = NioFileStore.createAt(root + "/" + logs++);
        List<ByteBuffer> buffers = buffers(batchBytes);
        long count = Math.min(bytes / batchBytes, 400_000);
        try (LogFile file = store.open("raw", FileStore.OpenMode.REPLACE)) {
            long cpuBefore = cpuNanos();
            long start = System.nanoTime();
            for (long i = 0; i < count; i++) {
                file.write(
                        i * batchBytes, buffers.get((int) (i % buffers.size())).duplicate());
            }
            report(
                    batchBytes,
                    "plain writes",
                    round,
                    new Used(System.nanoTime() - start, cpuNanos() - cpuBefore, count));
        }
        store.delete("raw");
    }

    private static List<ByteBuffer> buffers(int batchBytes) {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (long total = 0; total < BUFFER_BYTES; total += batchBytes) {
            buffers.add(Batches.of(1000, "x".repeat(batchBytes - 80)));
        }
        return buffers;
    }

    private static int append(PartitionLog log, List<ByteBuffer> buffers, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            log.appendAsLeader(buffers.get((int) (i % buffers.size())), 1, 1000);
        }
        return 0;
    }

    /** As the partition's runtime does it: the loop appends, a round runs beside it, the next begins when it is back. */
    private static int appendFlushed(PartitionLog log, List<ByteBuffer> buffers, long count) throws Exception {
        SynchronousQueue<FlushRound> toRun = new SynchronousQueue<>();
        ArrayBlockingQueue<FlushRound> done = new ArrayBlockingQueue<>(1);
        Thread flusher = new Thread(() -> runRounds(toRun, done));
        flusher.setDaemon(true);
        flusher.start();
        int rounds = 0;
        long appended = 0;
        while (log.flushedOffset() < count) {
            boolean isWindowFull =
                    (log.logEndOffset() - log.flushedOffset()) * buffers.get(0).remaining() > 16 << 20;
            if (appended < count && !isWindowFull) {
                log.appendAsLeader(buffers.get((int) (appended++ % buffers.size())), 1, 1000);
            }
            FlushRound ended = isWindowFull || appended == count ? done.take() : done.poll();
            if (ended != null) {
                log.completeFlush(ended);
            }
            if (log.needsFlush() && (ended != null || rounds == 0)) {
                toRun.put(log.beginFlush());
                rounds++;
            }
        }
        return rounds;
    }

    private static void runRounds(SynchronousQueue<FlushRound> toRun, ArrayBlockingQueue<FlushRound> done) {
        try {
            while (true) {
                FlushRound round = toRun.take();
                round.run();
                done.put(round);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long cpuNanos() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime();
    }
}
