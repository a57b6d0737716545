package io.lograft.client;

import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A topic with all its partitions.
 *
 * <pre>{@code
 * for (TopicDescription.Partition partition : admin.describeTopic("orders").partitions()) {
 *     System.out.println(partition.number() + " is led by broker " + partition.leader());
 * }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param configs settings that differ from the default, and those that each topic has of its own
 * @param isInternal made by the cluster for its own use
 */
public record TopicDescription(
        String name, TopicId id, List<Partition> partitions, Map<String, String> configs, boolean isInternal) {

    /**
     * A partition.
     *
     * <pre>{@code
     * long behind = partition.log().map(log -> log.logEnd() - log.highWatermark()).orElse(0L);
     * }</pre>
     *
     * @param leader id of the leader's broker, -1 while there is none
     * @param replicas ids of brokers in assignment order; the first is the preferred leader
     * @param isr the in-sync set
     * @param eligible replicas outside the in-sync set that are known to hold every committed record
     * @param lastUncleanEpoch the last leader epoch whose leader may have lacked committed records, -1 for none
     * @param log empty where the leader did not answer, or was not asked
     * @param reassignment empty where the replicas stay as they are
     * @param replicaStates of the replicas whose brokers answered, by their ids; empty where they were not asked
     */
    public record Partition(
            int number,
            int leader,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> replicas,
            List<Integer> isr,
            List<Integer> eligible,
            int lastUncleanEpoch,
            Optional<Log> log,
            Optional<Reassignment> reassignment,
            List<Replica> replicaStates) {

        /** True where a replica is not in sync. Those that are on their way to the partition do not count yet. */
        public boolean isUnderReplicated() {
            return isr.size()
                    < reassignment
                            .map(Reassignment::formerReplicas)
                            .orElse(replicas)
                            .size();
        }

        /** The replicas that it has once nothing is under way any more, in assignment order. */
        public List<Integer> settledReplicas() {
            return reassignment.map(Reassignment::targetReplicas).orElse(replicas);
        }

        public boolean isOffline() {
            return leader < 0;
        }
    }

    /**
     * The leader's log.
     *
     * <pre>{@code
     * System.out.println(log.highWatermark() - log.logStart() + " records can be read");
     * }</pre>
     *
     * @param logStart offset of the oldest record
     * @param highWatermark records below this offset are committed
     * @param logEnd offset that the next record gets
     */
    public record Log(long logStart, long highWatermark, long logEnd, long sizeBytes) {}

    /**
     * A partition's replicas are on their way to others. Until all of the target are in sync it has the former ones as well.
     *
     * <pre>{@code
     * partition.reassignment().ifPresent(moving -> System.out.println(moving.joiningReplicas() + " catch up"));
     * }</pre>
     *
     * @param formerReplicas where it goes back to when it is cancelled
     * @param throttleBytesPerSecond what a leader sends in all to replicas that join by reassignments; 0: no limit
     */
    public record Reassignment(
            List<Integer> formerReplicas, List<Integer> targetReplicas, long throttleBytesPerSecond) {

        /** Those that are new, in the order of the target. */
        public List<Integer> joiningReplicas() {
            return targetReplicas.stream()
                    .filter(broker -> !formerReplicas.contains(broker))
                    .toList();
        }
    }

    /**
     * The log of one replica, which may be behind the leader's.
     *
     * <pre>{@code
     * long missing = partition.log().orElseThrow().logEnd() - replica.logEnd();
     * }</pre>
     *
     * @param logStart offset of the oldest record
     * @param logEnd offset that the next record gets
     */
    public record Replica(int brokerId, long logStart, long logEnd, long sizeBytes) {}
}
