package io.lograft.metadata.control;

import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the replicas of a new topic go. The partitions go round the live brokers, so that a topic's leaders and replicas
 * are spread evenly (no two brokers differ by more than one leader); the round starts at the broker that is the
 * preferred leader of the fewest partitions, so that many small topics are spread evenly, too; the distance from leader
 * to followers grows with each round, so that the followers of one broker are not always the same.
 */
public final class TopicPlacement {
    private TopicPlacement() {}

    /** Brokers that may get replicas: those that live and do not drain, in the order of their ids. */
    public static List<BrokerImage> candidates(ClusterImage image) {
        return image.brokers().values().stream()
                .filter(BrokerImage::isAvailable)
                .toList();
    }

    /**
     * The replicas of each partition, the preferred leader first.
     *
     * @param replicationFactor at most the number of candidates
     * @param seed turns the start of the round among equals, and the first distance to followers
     */
    static List<List<ReplicaAssignment>> place(
            ClusterImage image, int partitionCount, int replicationFactor, long seed) {
        List<BrokerImage> brokers = withRoom(candidates(image), replicationFactor);
        int count = brokers.size();
        int start = start(image, brokers, seed);
        long distance = Math.floorMod(Long.rotateRight(seed, 32), Math.max(1, count - 1));
        List<List<ReplicaAssignment>> partitions = new ArrayList<>(partitionCount);
        for (int partition = 0; partition < partitionCount; partition++) {
            int first = (start + partition) % count;
            long shift = distance + partition / count;
            List<ReplicaAssignment> replicas = new ArrayList<>(replicationFactor);
            replicas.add(replica(brokers.get(first)));
            for (int follower = 0; follower < replicationFactor - 1; follower++) {
                int step = 1 + (int) ((shift + follower) % (count - 1));
                replicas.add(replica(brokers.get((first + step) % count)));
            }
            // Who has no room for a log leads only where nobody else could.
            replicas.sort(Comparator.comparing(replica -> !hasRoom(image, replica.broker())));
            partitions.add(replicas);
        }
        return partitions;
    }

    /** Only those that take records, where they are enough. */
    private static List<BrokerImage> withRoom(List<BrokerImage> candidates, int replicationFactor) {
        List<BrokerImage> some =
                candidates.stream().filter(BrokerImage::isAvailableForMore).toList();
        return some.size() >= replicationFactor ? some : candidates;
    }

    private static boolean hasRoom(ClusterImage image, BrokerId broker) {
        return image.broker(broker).filter(BrokerImage::isAvailableForMore).isPresent();
    }

    private static ReplicaAssignment replica(BrokerImage broker) {
        return new ReplicaAssignment(broker.id(), BrokerChange.directoryFor(broker));
    }

    private static int start(ClusterImage image, List<BrokerImage> brokers, long seed) {
        Map<BrokerId, Integer> preferred = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                preferred.merge(partition.replicas().get(0).broker(), 1, Integer::sum);
            }
        }
        int turn = Math.floorMod(seed, brokers.size());
        int best = turn;
        for (int offset = 1; offset < brokers.size(); offset++) {
            int candidate = (turn + offset) % brokers.size();
            if (preferred.getOrDefault(brokers.get(candidate).id(), 0)
                    < preferred.getOrDefault(brokers.get(best).id(), 0)) {
                best = candidate;
            }
        }
        return best;
    }
}
