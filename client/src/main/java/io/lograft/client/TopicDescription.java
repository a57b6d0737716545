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
            Optional<Log> log) {

        public boolean isUnderReplicated() {
            return isr.size() < replicas.size();
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
}
