package io.lograft.cli.reassign;

import io.lograft.cli.Json;
import io.lograft.client.ClusterDescription;
import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A partition on its way to other replicas, and how far it is. Pure.
 *
 * @param joining the replicas that it is to have and had not
 */
record Move(TopicPartition partition, TopicDescription.Partition state, List<Joining> joining) {
    private static final int ALL = 100;

    /**
     * A replica that joins.
     *
     * @param percent of the leader's log that it has; -1 where the leader did not answer
     * @param bytesLeft that it still lacks, about; -1 where the leader did not answer
     */
    record Joining(int brokerId, boolean isInSync, int percent, long bytesLeft) {}

    /** The move of a partition that has one under way. */
    static Move of(String topic, TopicDescription.Partition state) {
        return new Move(
                new TopicPartition(topic, state.number()),
                state,
                state.reassignment().orElseThrow().joiningReplicas().stream()
                        .map(broker -> joining(state, broker))
                        .toList());
    }

    private static Joining joining(TopicDescription.Partition state, int broker) {
        if (state.isr().contains(broker)) {
            return new Joining(broker, true, ALL, 0);
        }
        if (state.log().isEmpty()) {
            return new Joining(broker, false, -1, -1);
        }
        TopicDescription.Log leader = state.log().get();
        long left = bytesLeft(
                leader,
                state.replicaStates().stream()
                        .filter(replica -> replica.brokerId() == broker)
                        .findFirst());
        int percent = leader.sizeBytes() <= 0 ? 0 : (int) (ALL - Math.ceil((double) ALL * left / leader.sizeBytes()));
        return new Joining(broker, false, left == 0 ? ALL : Math.max(0, percent), left);
    }

    /** By sizes, and where they say nothing, as old segments differ, by offsets. */
    private static long bytesLeft(TopicDescription.Log leader, Optional<TopicDescription.Replica> replica) {
        if (replica.isEmpty()) {
            return leader.sizeBytes();
        }
        long missing = leader.logEnd() - Math.max(replica.get().logEnd(), leader.logStart());
        if (missing <= 0) {
            return 0;
        }
        long bySize = leader.sizeBytes() - replica.get().sizeBytes();
        double share = (double) missing / (leader.logEnd() - leader.logStart());
        return Math.max(1, bySize > 0 ? bySize : Math.round(share * leader.sizeBytes()));
    }

    TopicDescription.Reassignment reassignment() {
        return state.reassignment().orElseThrow();
    }

    /** What all its joining replicas lack, as far as it is known. */
    long bytesLeft() {
        return joining.stream()
                .mapToLong(Joining::bytesLeft)
                .filter(left -> left > 0)
                .sum();
    }

    /** Why it does not get on, as far as that can be seen. */
    Optional<String> obstacle(ClusterDescription cluster) {
        if (state.isOffline()) {
            return Optional.of("the partition has no leader");
        }
        return cluster.brokers().stream()
                .filter(broker -> reassignment().targetReplicas().contains(broker.id()))
                .filter(broker -> !state.isr().contains(broker.id()))
                .filter(broker -> broker.isFenced() || broker.isDraining())
                .map(broker -> "waits for broker " + broker.id()
                        + (broker.isFenced() ? ", which is fenced" : ", which drains until it is started anew"))
                .findFirst();
    }

    Map<String, Object> json() {
        return Json.object(
                "topic", partition.topic(),
                "partition", partition.partition(),
                "state", "in-progress",
                "replicas", state.replicas(),
                "isr", state.isr(),
                "formerReplicas", reassignment().formerReplicas(),
                "targetReplicas", reassignment().targetReplicas(),
                "throttleBytesPerSecond", reassignment().throttleBytesPerSecond(),
                "joining", joining.stream().map(Move::json).toList());
    }

    private static Map<String, Object> json(Joining joining) {
        return Json.object(
                "brokerId",
                joining.brokerId(),
                "inSync",
                joining.isInSync(),
                "percent",
                joining.percent() < 0 ? null : joining.percent(),
                "bytesLeft",
                joining.bytesLeft() < 0 ? null : joining.bytesLeft());
    }
}
