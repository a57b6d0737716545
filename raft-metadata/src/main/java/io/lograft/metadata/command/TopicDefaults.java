package io.lograft.metadata.command;

import io.lograft.model.FlushMode;

/**
 * What a new topic gets where the request leaves it open; from the configuration of the broker that was asked.
 *
 * @param replicationFactor lowered to the number of live brokers where those are fewer
 */
public record TopicDefaults(int partitionCount, int replicationFactor, int minInsyncReplicas, FlushMode flushMode) {
    /** The defaults that a configuration without these keys has. */
    public static final TopicDefaults STANDARD = new TopicDefaults(1, 3, 2, FlushMode.COMMIT);
}
