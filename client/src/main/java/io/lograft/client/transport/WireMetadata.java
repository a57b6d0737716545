package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.MetadataUpdate;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.LeaderHint;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.wire.WireBytes;
import java.util.List;

/** Metadata messages as the core's values. Pure. */
final class WireMetadata {
    private WireMetadata() {}

    static MetadataUpdate update(WatchMetadataResponse message) {
        return new MetadataUpdate(
                message.getIndex(),
                message.getFull(),
                message.getClusterId(),
                message.getControllerId(),
                message.getBrokersList().stream().map(WireMetadata::broker).toList(),
                message.getRemovedBrokersList(),
                message.getTopicsList().stream().map(WireMetadata::topic).toList(),
                List.copyOf(message.getRemovedTopicsList()));
    }

    /** The leader that a hint names, null where the partition has none. */
    static ClusterView.Broker leader(LeaderHint hint) {
        if (!hint.hasLeader()) {
            return null;
        }
        BrokerEndpoint leader = hint.getLeader();
        return new ClusterView.Broker(leader.getBrokerId(), leader.getHost(), leader.getPort(), false);
    }

    private static ClusterView.Broker broker(BrokerDescription message) {
        BrokerEndpoint endpoint = message.getEndpoint();
        return new ClusterView.Broker(
                endpoint.getBrokerId(), endpoint.getHost(), endpoint.getPort(), message.getFenced());
    }

    private static ClusterView.Topic topic(TopicDescription message) {
        List<ClusterView.Partition> partitions = message.getPartitionsList().stream()
                .map(WireMetadata::partition)
                .toList();
        return new ClusterView.Topic(message.getName(), WireBytes.topicId(message.getTopicId()), partitions);
    }

    private static ClusterView.Partition partition(PartitionDescription message) {
        return new ClusterView.Partition(message.getLeader(), message.getLeaderEpoch());
    }
}
