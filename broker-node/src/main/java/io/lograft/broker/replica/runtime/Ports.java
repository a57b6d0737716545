package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * What every partition's runtime reaches besides its own log.
 *
 * @param followers streams from followers
 * @param leaders streams to leaders
 * @param flushThreads where flush rounds run
 * @param room of the disk that the logs are on
 */
public record Ports(
        ReplicationServer followers,
        LeaderConnections leaders,
        ClusterProposals proposals,
        Executor flushThreads,
        StorageFailures failures,
        DiskRoom room,
        BrokerMetrics metrics) {

    /** Who is told what is wrong with the directory. Any thread. */
    public interface StorageFailures {
        /** An operation on a partition's files failed; the directory is not used again. */
        void failed(String what, IOException cause);

        /** The files of one replica hold something else than what was written; all else in the directory is sound. */
        void damaged(PartitionId partition, String name, CorruptLogException damage);
    }
}
