package io.lograft.client.core;

import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The newest state of the cluster that the client has heard of. Never goes back in time: an older state is ignored, and
 * a partition's leader is replaced only by one of a later epoch. The first cluster id counts; another one is refused.
 * Owned by: client loop; the views that it hands out may go anywhere.
 */
public final class MetadataCache {

    /** What became of an update. */
    public enum Outcome {
        APPLIED,
        /** It is older than what is known; whoever sent it lags behind. */
        STALE,
        /** It comes from another cluster. */
        OTHER_CLUSTER
    }

    private ClusterView view = ClusterView.EMPTY;

    public ClusterView view() {
        return view;
    }

    /** Takes in a message of a watch. */
    public Outcome apply(MetadataUpdate update) {
        if (!view.isEmpty() && !view.clusterId().equals(update.clusterId())) {
            return Outcome.OTHER_CLUSTER;
        }
        if (update.index() < view.index()) {
            return Outcome.STALE;
        }
        Map<Integer, ClusterView.Broker> brokers = update.isFull() ? new HashMap<>() : new HashMap<>(view.brokers());
        update.brokers().forEach(broker -> brokers.put(broker.id(), broker));
        update.removedBrokers().forEach(brokers::remove);
        Map<String, ClusterView.Topic> topics = update.isFull() ? new HashMap<>() : new HashMap<>(view.topics());
        update.removedTopics().forEach(topics::remove);
        update.topics().forEach(topic -> topics.put(topic.name(), newest(topic)));
        view = new ClusterView(update.clusterId(), update.index(), update.controllerId(), brokers, topics);
        return Outcome.APPLIED;
    }

    /**
     * Takes in what a broker said when it refused a request as not the leader.
     *
     * @param broker the leader, with its address; null where the partition has none
     * @return true if it was news
     */
    public boolean applyHint(TopicId topicId, int partition, ClusterView.Broker broker, int leaderEpoch) {
        ClusterView.Topic topic = view.topic(topicId).orElse(null);
        if (topic == null
                || partition >= topic.partitions().size()
                || topic.partitions().get(partition).leaderEpoch() >= leaderEpoch) {
            return false;
        }
        List<ClusterView.Partition> partitions = new ArrayList<>(topic.partitions());
        partitions.set(partition, new ClusterView.Partition(broker == null ? -1 : broker.id(), leaderEpoch));
        Map<String, ClusterView.Topic> topics = new HashMap<>(view.topics());
        topics.put(topic.name(), new ClusterView.Topic(topic.name(), topicId, List.copyOf(partitions)));
        Map<Integer, ClusterView.Broker> brokers = new HashMap<>(view.brokers());
        if (broker != null) {
            brokers.putIfAbsent(broker.id(), broker);
        }
        view = new ClusterView(view.clusterId(), view.index(), view.controllerId(), brokers, topics);
        return true;
    }

    /** The topic with, for each partition, the later of the leader it names and the one known. */
    private ClusterView.Topic newest(ClusterView.Topic topic) {
        ClusterView.Topic known = view.topics().get(topic.name());
        if (known == null || !known.id().equals(topic.id())) {
            return topic;
        }
        List<ClusterView.Partition> partitions = new ArrayList<>(topic.partitions());
        int both = Math.min(partitions.size(), known.partitions().size());
        for (int i = 0; i < both; i++) {
            if (known.partitions().get(i).leaderEpoch() > partitions.get(i).leaderEpoch()) {
                partitions.set(i, known.partitions().get(i));
            }
        }
        return new ClusterView.Topic(topic.name(), topic.id(), List.copyOf(partitions));
    }
}
