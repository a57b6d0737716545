package io.lograft.cli.perf;

import io.lograft.cli.Json;
import io.lograft.client.TopicDescription;
import java.util.Map;

/**
 * What a topic promises, without which no figure means anything.
 *
 * @param minInsyncReplicas as the topic has it; {@code unknown} where the cluster does not say
 * @param flushMode commit or os, as the topic has it; {@code unknown} where the cluster does not say
 */
record TopicSettings(int partitionCount, int replicationFactor, String minInsyncReplicas, String flushMode) {
    private static final String UNKNOWN = "unknown";

    static TopicSettings of(TopicDescription topic) {
        int replicas = topic.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        return new TopicSettings(
                topic.partitions().size(),
                replicas,
                topic.configs().getOrDefault("min.insync.replicas", UNKNOWN),
                topic.configs().getOrDefault("flush.mode", UNKNOWN));
    }

    Map<String, Object> json() {
        return Json.object(
                "partitions", partitionCount,
                "replicationFactor", replicationFactor,
                "minInsyncReplicas", minInsyncReplicas,
                "flushMode", flushMode);
    }

    String text() {
        return partitionCount + " partitions, replication factor " + replicationFactor + ", min.insync.replicas "
                + minInsyncReplicas + ", flush.mode " + flushMode;
    }
}
