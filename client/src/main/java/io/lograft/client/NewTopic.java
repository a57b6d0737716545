package io.lograft.client;

import java.util.HashMap;
import java.util.Map;

/**
 * A topic to be created.
 *
 * <pre>{@code
 * admin.createTopic(NewTopic.of("orders").withPartitions(6).withConfig("retention.ms", "86400000"));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param partitionCount 0: the cluster's default
 * @param replicationFactor 0: the cluster's default, which is 3 where there are as many brokers
 * @param configs settings that differ from the default, by key
 */
public record NewTopic(String name, int partitionCount, int replicationFactor, Map<String, String> configs) {

    public NewTopic {
        configs = Map.copyOf(configs);
    }

    /** With the cluster's defaults. */
    public static NewTopic of(String name) {
        return new NewTopic(name, 0, 0, Map.of());
    }

    /** The same with this many partitions. */
    public NewTopic withPartitions(int count) {
        return new NewTopic(name, count, replicationFactor, configs);
    }

    /** The same with this many replicas of each partition. */
    public NewTopic withReplication(int factor) {
        return new NewTopic(name, partitionCount, factor, configs);
    }

    /** The same with one more setting. */
    public NewTopic withConfig(String key, String value) {
        Map<String, String> more = new HashMap<>(configs);
        more.put(key, value);
        return new NewTopic(name, partitionCount, replicationFactor, more);
    }
}
