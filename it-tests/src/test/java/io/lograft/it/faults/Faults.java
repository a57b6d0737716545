package io.lograft.it.faults;

import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.Eventually;
import io.lograft.it.TestTopic;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Begins a fault, and takes it back. One at a time, for one thread. */
final class Faults {
    private static final Duration ANSWER_MAX = Duration.ofMinutes(2);
    private static final double LOSS = 0.2;
    private static final String SLOW_RATE = "20mbit";

    private final ClusterProcesses brokers;
    private final Lograft cluster;
    private final Random random;

    Faults(ClusterProcesses brokers, Lograft cluster, Random random) {
        this.brokers = brokers;
        this.cluster = cluster;
        this.random = random;
    }

    /** How long a fault of this kind lasts at least, so that it has the effect that its name says. */
    static Duration duration(FaultKind kind) {
        return switch (kind) {
            case KILL, KILL_CONTROLLER, KILL_ALL, RESTART_LOOP, STOP, RESET -> Duration.ofMillis(500);
            case BLINK -> Duration.ofMillis(1_200);
            // Longer than the session timeout of three seconds.
            case PAUSE_LEADER, PAUSE_CONTROLLER, UNPLUG, MINORITY, DEAF, MUTE, CONTROLLER_CUT, NO_CONTROLLER ->
                Duration.ofSeconds(4);
            // Longer than the second after which a follower without a stream is put out.
            case NO_FOLLOWERS, LOSS, SLOW -> Duration.ofSeconds(3);
        };
    }

    /** Begins the fault; returns the broker that it happens to, 0 for all. */
    int begin(FaultKind kind) {
        int victim = victim(kind);
        switch (kind) {
            case KILL, KILL_CONTROLLER -> brokers.kill(List.of(victim));
            case KILL_ALL -> brokers.kill(brokers.ids());
            case RESTART_LOOP -> killWhileStarting(victim);
            case STOP -> brokers.stop(List.of(victim));
            case PAUSE_LEADER, PAUSE_CONTROLLER, BLINK -> brokers.pause(victim);
            case UNPLUG -> brokers.hosts().unplug(victim);
            case MINORITY, CONTROLLER_CUT ->
                others(victim).forEach(other -> brokers.hosts().cut(victim, other));
            case DEAF -> others(victim).forEach(other -> brokers.hosts().cutOneWay(other, victim));
            case MUTE -> others(victim).forEach(other -> brokers.hosts().cutOneWay(victim, other));
            // Followers connect to their leader, and brokers to their controller, all at the same port.
            case NO_FOLLOWERS ->
                others(victim)
                        .forEach(other -> brokers.hosts().cutConnections(other, victim, brokers.grpcPort(victim)));
            case NO_CONTROLLER -> cutFromController(victim);
            case RESET -> brokers.hosts().reset(victim, anyOf(others(victim)));
            case LOSS -> brokers.hosts().lose(victim, LOSS);
            case SLOW -> brokers.hosts().slow(victim, SLOW_RATE);
        }
        return victim;
    }

    /** Takes the fault back, and returns once all processes run and say that they are ready. */
    void end(FaultKind kind, int victim) {
        switch (kind) {
            case KILL, KILL_CONTROLLER, STOP, RESTART_LOOP -> brokers.launch(List.of(victim));
            case KILL_ALL -> brokers.launch(brokers.ids());
            case PAUSE_LEADER, PAUSE_CONTROLLER, BLINK -> brokers.resume(victim);
            default -> brokers.hosts().healAll();
        }
    }

    private int victim(FaultKind kind) {
        return switch (kind) {
            case KILL, RESTART_LOOP, STOP, BLINK, RESET, LOSS, SLOW -> anyOf(brokers.ids());
            case KILL_ALL -> 0;
            case KILL_CONTROLLER, PAUSE_CONTROLLER, CONTROLLER_CUT -> controller();
            case PAUSE_LEADER, UNPLUG, MINORITY, DEAF, MUTE, NO_FOLLOWERS -> leader(-1);
            case NO_CONTROLLER -> leader(controller());
        };
    }

    /** The victim still has its followers, and, where it votes, the quorum; only its session is gone. */
    private void cutFromController(int victim) {
        int controller = controller();
        brokers.hosts().cutConnections(victim, controller, brokers.grpcPort(controller));
    }

    private void killWhileStarting(int victim) {
        brokers.kill(List.of(victim));
        for (int round = 0; round < 2; round++) {
            brokers.launch(List.of(victim));
            pause(Duration.ofMillis(300 + random.nextInt(1_500)));
            brokers.kill(List.of(victim));
        }
    }

    private List<Integer> others(int broker) {
        return brokers.ids().stream().filter(id -> id != broker).toList();
    }

    private int anyOf(List<Integer> ids) {
        return ids.get(random.nextInt(ids.size()));
    }

    /** A broker that leads partitions of the topic, if possible another than the one given. */
    private int leader(int unwanted) {
        int[] found = {-1};
        Eventually.holds(ANSWER_MAX, "some partition has a leader", () -> {
            List<Integer> leaders = TestTopic.describe(cluster).partitions().stream()
                    .map(TopicDescription.Partition::leader)
                    .filter(leader -> leader > 0)
                    .sorted()
                    .distinct()
                    .toList();
            List<Integer> wanted =
                    leaders.stream().filter(leader -> leader != unwanted).toList();
            found[0] = leaders.isEmpty() ? -1 : anyOf(wanted.isEmpty() ? leaders : wanted);
            return found[0] > 0;
        });
        return found[0];
    }

    private int controller() {
        int[] found = {-1};
        Eventually.holds(ANSWER_MAX, "there is a controller", () -> {
            ClusterDescription description = cluster.admin().describeCluster();
            found[0] = description.controllerId();
            return found[0] > 0;
        });
        return found[0];
    }

    /** Lets time pass: what happens meanwhile cannot be waited for, as nothing may happen. */
    static void pause(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        Eventually.holds(time.plusSeconds(30), "time passes", () -> System.nanoTime() >= deadline);
    }

    /**
     * Returns once all replicas are in sync and every broker is let in. A broker that was cut off still answers with what
     * it knew last, but names no controller; one that has just found the controller may not have the newest metadata
     * yet, so that two answers in a row have to be good.
     */
    static void awaitHealth(Lograft cluster, Duration timeout) {
        int[] goodInARow = {0};
        Eventually.holds(
                timeout, () -> "the cluster is whole: " + cluster.admin().describeCluster(), () -> {
                    goodInARow[0] = isWhole(cluster) ? goodInARow[0] + 1 : 0;
                    return goodInARow[0] >= 2;
                });
    }

    private static boolean isWhole(Lograft cluster) {
        try {
            ClusterDescription now = cluster.admin().describeCluster();
            return now.controllerId() > 0
                    && now.offlinePartitions() == 0
                    && now.underReplicatedPartitions() == 0
                    && now.brokers().stream().noneMatch(ClusterDescription.Broker::isFenced);
        } catch (LograftException notNow) {
            return false;
        }
    }
}
