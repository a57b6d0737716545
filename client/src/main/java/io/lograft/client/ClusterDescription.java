package io.lograft.client;

import java.util.List;

/**
 * The cluster as one of its brokers sees it.
 *
 * <pre>{@code
 * ClusterDescription cluster = admin.describeCluster();
 * System.out.println(cluster.brokers().size() + " brokers, controller " + cluster.controllerId());
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param answeredBy id of the broker that answered
 * @param controllerId id of the controller, -1 while there is none
 * @param metadataIndex index of the last metadata change that the answering broker has applied
 * @param voters ids of the brokers that vote in the metadata quorum
 * @param underReplicatedPartitions partitions whose in-sync set is smaller than their replica set
 * @param offlinePartitions partitions without a leader
 */
public record ClusterDescription(
        String clusterId,
        int answeredBy,
        int controllerId,
        List<Broker> brokers,
        int metadataVersion,
        long metadataIndex,
        List<Integer> voters,
        int topicCount,
        int partitionCount,
        int underReplicatedPartitions,
        int offlinePartitions) {

    /**
     * A broker.
     *
     * <pre>{@code
     * boolean allLive = cluster.brokers().stream().noneMatch(ClusterDescription.Broker::isFenced);
     * }</pre>
     *
     * @param isFenced leads nothing and is in no in-sync set: not live, or not ready yet
     * @param epoch changes each time that the broker starts
     * @param isDraining being stopped in an orderly way
     * @param offlineDirectories log directories that it cannot use now
     * @param fullDirectories log directories that take no records, as their disks are full
     */
    public record Broker(
            int id,
            String host,
            int port,
            boolean isFenced,
            long epoch,
            boolean isVoter,
            boolean isController,
            int replicaCount,
            int leaderCount,
            boolean isDraining,
            int offlineDirectories,
            int fullDirectories) {}
}
