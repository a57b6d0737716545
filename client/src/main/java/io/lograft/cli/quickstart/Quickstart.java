package io.lograft.cli.quickstart;

import io.lograft.cli.local.LocalCluster;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import io.lograft.model.ErrorCode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One run against a cluster that is ready. Used once, by one thread. */
final class Quickstart {
    private static final int PARTITIONS = 6;
    private static final int REPLICAS = 3;
    /** For the two members and for who kills the broker. */
    private static final int THREADS = 3;

    private static final int RUNS_MAX = 10_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long POLL_MS = 20;

    private final LocalCluster cluster;
    private final List<String> lines;
    private final PrintStream notes;
    private final PrintStream progress;

    Quickstart(LocalCluster cluster, List<String> lines, PrintStream notes, PrintStream progress) {
        this.cluster = cluster;
        this.lines = List.copyOf(lines);
        this.notes = notes;
        this.progress = progress;
    }

    Outcome run() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        LineAudit audit = new LineAudit(lines);
        try (Lograft client = Lograft.connect(cluster.bootstrap());
                Progress read = Progress.of("read", lines.size(), progress)) {
            String topic = createTopic(client);
            int victim = describe(client, topic).partitions().get(0).leader();
            try (LineGroup group = new LineGroup(client, topic, audit, read, threads)) {
                notes.println("A group of two reads it; one of them is a process of its own …");
                group.start(cluster.bootstrap(), PARTITIONS);
                long start = System.nanoTime();
                Written written = write(client, topic, victim, threads);
                notes.println("  kill -9 of one of the two members");
                long takeOverMs = group.killOther(PARTITIONS);
                long lag = group.finish();
                long readMs = sinceMs(start);
                return new Outcome(
                        topic,
                        new Outcome.Lines(lines.size(), audit.keyCount(), audit.againCount(), lag),
                        written.writer().tookMs(),
                        written.writer().latency(),
                        new Outcome.Broker(victim, written.leaderlessMs(), rejoin(client, topic, victim)),
                        new Outcome.Reading(readMs, takeOverMs),
                        audit.verdict());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** What came of the writing; {@code leaderlessMs}: the longest time that a partition had no leader. */
    private record Written(LineWriter writer, long leaderlessMs) {}

    private Written write(Lograft client, String topic, int victim, ExecutorService threads) throws Exception {
        String survivors = IntStream.rangeClosed(1, cluster.brokerCount())
                .filter(id -> id != victim)
                .mapToObj(cluster::address)
                .collect(Collectors.joining(","));
        try (Lograft observer = Lograft.connect(survivors);
                Progress written = Progress.of("written", lines.size(), progress)) {
            BrokerKill kill = new BrokerKill(cluster, victim, id -> leadsSomething(observer, topic, id));
            List<Future<Long>> killed = new ArrayList<>();
            LineWriter writer = new LineWriter(written);
            writer.write(client, topic, lines, () -> {
                notes.println("  kill -9 of broker " + victim + ", which leads partitions; writing goes on");
                killed.add(threads.submit(kill));
            });
            return new Written(writer, killed.get(0).get());
        }
    }

    /** A topic of its own for each run, so that the command can be run again and again. */
    private String createTopic(Lograft client) {
        for (int run = 1; run <= RUNS_MAX; run++) {
            String name = "quickstart-" + run;
            try {
                client.admin()
                        .createTopic(
                                NewTopic.of(name).withPartitions(PARTITIONS).withReplication(REPLICAS));
                notes.println("Topic " + name + ": " + PARTITIONS + " partitions, " + REPLICAS + " replicas");
                return name;
            } catch (LograftException e) {
                if (e.code() != ErrorCode.TOPIC_ALREADY_EXISTS) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException("there are " + RUNS_MAX + " topics of earlier runs; delete some");
    }

    /** Starts the killed broker, and waits until it is in sync everywhere. */
    private long rejoin(Lograft client, String topic, int victim) throws Exception {
        notes.println("Starting broker " + victim + " again …");
        long start = System.nanoTime();
        cluster.restart(victim, TIMEOUT);
        while (describe(client, topic).partitions().stream().anyMatch(TopicDescription.Partition::isUnderReplicated)) {
            if (sinceMs(start) > TIMEOUT.toMillis()) {
                throw new IllegalStateException(
                        "broker " + victim + " is not in sync again after " + TIMEOUT.toSeconds() + " s");
            }
            Thread.sleep(POLL_MS);
        }
        return sinceMs(start);
    }

    private static boolean leadsSomething(Lograft observer, String topic, int brokerId) {
        return describe(observer, topic).partitions().stream()
                .anyMatch(partition -> partition.isOffline() || partition.leader() == brokerId);
    }

    private static TopicDescription describe(Lograft client, String topic) {
        return client.admin().describeTopic(topic);
    }

    private static long sinceMs(long startNs) {
        return (System.nanoTime() - startNs) / 1_000_000;
    }
}
