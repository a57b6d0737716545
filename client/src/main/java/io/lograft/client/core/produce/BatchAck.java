package io.lograft.client.core.produce;

import io.lograft.model.TopicPartition;

/**
 * The leader's answer for a batch that counts as acknowledged.
 *
 * @param baseOffset offset of the first record, -1 where it is not known
 * @param leaderEpoch epoch of the leader that answered, -1 where it is not known
 * @param logAppendTimeMs time that the broker gave the records, -1 where they keep their own
 * @param replicasHolding how many replicas held the batch when the leader answered
 * @param replicasFlushed how many of them had fsynced it
 * @param isDuplicate true for a retry of a batch that had been appended before
 */
public record BatchAck(
        TopicPartition partition,
        long baseOffset,
        int leaderEpoch,
        long logAppendTimeMs,
        int replicasHolding,
        int replicasFlushed,
        boolean isDuplicate) {

    /** Acknowledged, but nothing more is known: acks=none, or a duplicate that is too old for the leader to place. */
    public static BatchAck withoutOffset(TopicPartition partition) {
        return new BatchAck(partition, -1, -1, -1, 0, 0, false);
    }
}
