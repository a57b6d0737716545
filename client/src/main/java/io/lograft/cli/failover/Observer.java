package io.lograft.cli.failover;

import io.lograft.cli.CliFailure;
import io.lograft.client.Admin;
import io.lograft.client.ClusterDescription;
import io.lograft.client.TopicDescription;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Looks at the cluster, and waits until it is as it should be. For one thread. */
final class Observer {
    private static final long POLL_MS = 50;

    private final Admin admin;
    private final String topic;

    Observer(Admin admin, String topic) {
        this.admin = admin;
        this.topic = topic;
    }

    int controller() {
        return admin.describeCluster().controllerId();
    }

    /** Brokers that lead partitions of the topic, without the controller. */
    List<Integer> leadersBesidesController() {
        int controller = controller();
        return leaders().stream().filter(broker -> broker != controller).toList();
    }

    /** Brokers that lead partitions of the topic, in order of the partitions. */
    List<Integer> leaders() {
        return partitions().stream()
                .map(TopicDescription.Partition::leader)
                .distinct()
                .toList();
    }

    private List<TopicDescription.Partition> partitions() {
        return admin.describeTopic(topic).partitions();
    }

    /** Waits until every replica of the cluster is in sync. */
    void awaitInSync(Duration atMost) throws InterruptedException {
        await("every replica in sync", atMost, () -> {
            ClusterDescription cluster = admin.describeCluster();
            return cluster.controllerId() >= 0
                    && cluster.underReplicatedPartitions() == 0
                    && cluster.offlinePartitions() == 0;
        });
    }

    /** Waits until, besides that, the first replica in assignment leads each partition of the topic. */
    void awaitSettled(Duration atMost) throws InterruptedException {
        awaitInSync(atMost);
        await(
                "leadership back where it belongs",
                atMost,
                () -> partitions().stream()
                        .allMatch(partition ->
                                partition.leader() == partition.replicas().get(0)));
    }

    static void await(String what, Duration atMost, BooleanSupplier condition) throws InterruptedException {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > atMost.toNanos()) {
                throw new CliFailure("REQUEST_TIMED_OUT", "not within " + atMost.toSeconds() + " s: " + what);
            }
            Thread.sleep(POLL_MS);
        }
    }
}
