package io.lograft.cli.failover;

import io.lograft.cli.CliFailure;
import io.lograft.cli.local.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An event in a cluster that {@code local start} made: a process is signalled and, to heal it, started or woken. */
final class LocalFault implements Fault {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final FailoverEvent event;
    private final LocalCluster cluster;
    private final Observer observer;
    private final int broker;
    private final long pid;

    private LocalFault(FailoverEvent event, LocalCluster cluster, Observer observer, int broker) throws IOException {
        this.event = event;
        this.cluster = cluster;
        this.observer = observer;
        this.broker = broker;
        this.pid = cluster.status().stream()
                .filter(status -> status.brokerId() == broker)
                .findFirst()
                .orElseThrow()
                .pid();
    }

    /** Chooses whom it hits, as the cluster is now. */
    static LocalFault choose(FailoverEvent event, LocalCluster cluster, Observer observer) throws IOException {
        int victim = switch (event) {
            case KILL_LEADER, PAUSE_LEADER, STOP_LEADER ->
                observer.leadersBesidesController().stream()
                        .findFirst()
                        .orElseThrow(() -> new CliFailure("LEADER_NOT_AVAILABLE", "only the controller leads"));
            case KILL_CONTROLLER, STOP_CONTROLLER -> leadingController(observer);
            case ROLLING_RESTART -> observer.controller();
            case COMMAND -> throw new IllegalArgumentException("a command hits what it wants");
        };
        return new LocalFault(event, cluster, observer, victim);
    }

    private static int leadingController(Observer observer) {
        int controller = observer.controller();
        if (!observer.leaders().contains(controller)) {
            throw new CliFailure("LEADER_NOT_AVAILABLE", "controller " + controller + " leads no partition");
        }
        return controller;
    }

    @Override
    public String victim() {
        return event == FailoverEvent.ROLLING_RESTART ? "all" : Integer.toString(broker);
    }

    @Override
    public void strike() throws IOException, InterruptedException {
        switch (event) {
            case KILL_LEADER, KILL_CONTROLLER -> cluster.kill(broker);
            case PAUSE_LEADER -> ShellFault.run("kill -STOP " + pid);
            case STOP_LEADER, STOP_CONTROLLER -> cluster.stop(broker, TIMEOUT);
            case ROLLING_RESTART -> restartAll();
            case COMMAND -> throw new IllegalStateException("not an event of a local cluster");
        }
    }

    /** One after the other, each once all replicas are in sync again; the controller last. */
    private void restartAll() throws IOException, InterruptedException {
        List<Integer> order = new ArrayList<>();
        for (int id = 1; id <= cluster.brokerCount(); id++) {
            if (id != broker) {
                order.add(id);
            }
        }
        order.add(broker);
        for (int id : order) {
            cluster.restart(id, TIMEOUT);
            observer.awaitInSync(TIMEOUT);
        }
        observer.awaitSettled(TIMEOUT);
    }

    @Override
    public boolean isHealed() {
        return event != FailoverEvent.ROLLING_RESTART;
    }

    @Override
    public void heal() throws IOException, InterruptedException {
        if (event == FailoverEvent.PAUSE_LEADER) {
            ShellFault.run("kill -CONT " + pid);
        } else {
            cluster.start(TIMEOUT);
        }
    }
}
