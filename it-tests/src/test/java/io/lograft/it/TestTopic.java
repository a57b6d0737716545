package io.lograft.it;

import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import java.time.Duration;

/** The topic of the tests with three brokers. */
public final class TestTopic {
    public static final String NAME = "load";
    public static final int PARTITIONS = 6;

    private TestTopic() {}

    /** Makes the topic, six partitions on three brokers each, whose acknowledged records are on their disks. */
    public static void create(Lograft cluster) {
        cluster.admin()
                .createTopic(NewTopic.of(NAME)
                        .withPartitions(PARTITIONS)
                        .withReplication(3)
                        .withConfig("min.insync.replicas", "2")
                        .withConfig("flush.mode", "commit"));
    }

    public static TopicDescription describe(Lograft cluster) {
        return cluster.admin().describeTopic(NAME);
    }

    /** Returns once all replicas of all partitions are in sync. */
    public static void awaitInSync(Lograft cluster, Duration timeout) {
        Eventually.holds(
                timeout,
                () -> "all replicas are in sync: " + describe(cluster),
                () -> describe(cluster).partitions().stream()
                        .noneMatch(partition -> partition.isOffline() || partition.isUnderReplicated()));
    }
}
