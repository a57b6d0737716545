package io.lograft.client;

import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.DeleteRecordsResponse;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectionResult;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.RecordDeletionResult;
import io.lograft.proto.v1.TopicSummary;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Messages of the admin and metadata services as values of the public API. Pure. */
final class AdminReplies {
    private AdminReplies() {}

    static LograftException exception(Failure failure) {
        return new LograftException(ErrorCodes.fromProto(failure.getCode()), failure.getMessage());
    }

    static TopicListing listing(TopicSummary topic) {
        return new TopicListing(
                topic.getName(),
                WireBytes.topicId(topic.getTopicId()),
                topic.getPartitionCount(),
                topic.getReplicationFactor(),
                topic.getInternal());
    }

    static TopicDescription topic(io.lograft.proto.v1.TopicDescription topic) {
        return new TopicDescription(
                topic.getName(),
                WireBytes.topicId(topic.getTopicId()),
                topic.getPartitionsList().stream().map(AdminReplies::partition).toList(),
                Map.copyOf(topic.getConfigsMap()),
                topic.getInternal());
    }

    private static TopicDescription.Partition partition(PartitionDescription partition) {
        return new TopicDescription.Partition(
                partition.getPartition(),
                partition.getLeader(),
                partition.getLeaderEpoch(),
                partition.getPartitionEpoch(),
                List.copyOf(partition.getReplicasList()),
                List.copyOf(partition.getIsrList()),
                List.copyOf(partition.getEligibleList()),
                partition.hasLastUncleanEpoch() ? partition.getLastUncleanEpoch() : -1,
                partition.hasLogState() ? Optional.of(log(partition.getLogState())) : Optional.empty());
    }

    private static TopicDescription.Log log(LogState state) {
        return new TopicDescription.Log(
                state.getLogStartOffset(), state.getHighWatermark(), state.getLogEndOffset(), state.getSizeBytes());
    }

    static ClusterDescription cluster(DescribeClusterResponse cluster) {
        return new ClusterDescription(
                cluster.getClusterId(),
                cluster.getAnsweredBy(),
                cluster.getControllerId(),
                cluster.getBrokersList().stream().map(AdminReplies::broker).toList(),
                cluster.getMetadataVersion(),
                cluster.getMetadataIndex(),
                List.copyOf(cluster.getVotersList()),
                cluster.getTopicCount(),
                cluster.getPartitionCount(),
                cluster.getUnderReplicatedPartitions(),
                cluster.getOfflinePartitions());
    }

    private static ClusterDescription.Broker broker(BrokerDescription broker) {
        return new ClusterDescription.Broker(
                broker.getEndpoint().getBrokerId(),
                broker.getEndpoint().getHost(),
                broker.getEndpoint().getPort(),
                broker.getFenced(),
                broker.getBrokerEpoch(),
                broker.getIsVoter(),
                broker.getIsController(),
                broker.getReplicaCount(),
                broker.getLeaderCount(),
                broker.getDraining(),
                broker.getOfflineDirectories(),
                broker.getFullDirectories());
    }

    static LeaderElection election(ElectionResult result) {
        return new LeaderElection(
                result.getPartition(),
                result.getLeader(),
                result.getLeaderEpoch(),
                result.hasFailure() ? Optional.of(exception(result.getFailure())) : Optional.empty());
    }

    static BrokerDrain drain(int brokerId, DrainBrokerResponse drain) {
        return new BrokerDrain(
                brokerId,
                drain.getBrokerEpoch(),
                drain.getPartitionsChanged(),
                drain.getLeadershipsLeft(),
                drain.getInSyncLeft());
    }

    static BrokerFencing fencing(io.lograft.proto.v1.BrokerFencing broker) {
        return new BrokerFencing(
                broker.getEndpoint().getBrokerId(),
                broker.getEndpoint().getHost() + ":" + broker.getEndpoint().getPort(),
                broker.getBrokerEpoch(),
                broker.getFenced(),
                broker.getDraining(),
                broker.getReason(),
                broker.getSinceMs() < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(broker.getSinceMs())),
                broker.getLeaderCount(),
                broker.getInSyncCount());
    }

    static QuorumDescription quorum(DescribeQuorumResponse quorum) {
        return new QuorumDescription(
                quorum.getLeaderId(),
                quorum.getTerm(),
                quorum.getCommitIndex(),
                quorum.getAppliedIndex(),
                quorum.getSnapshotIndex(),
                quorum.getVotersList().stream()
                        .map(voter -> new QuorumDescription.Voter(
                                voter.getBrokerId(),
                                voter.getAddress(),
                                voter.getMatchIndex(),
                                voter.getLag(),
                                voter.getSilentMs(),
                                voter.getStalled(),
                                voter.getDirectoryId()))
                        .toList());
    }

    /** The first failure, null where there is none. */
    static io.lograft.client.core.Failure refusal(DeleteRecordsResponse reply) {
        for (RecordDeletionResult result : reply.getResultsList()) {
            if (result.hasFailure()) {
                return new io.lograft.client.core.Failure(
                        ErrorCodes.fromProto(result.getFailure().getCode()),
                        result.getFailure().getMessage());
            }
        }
        return null;
    }

    static Map<TopicPartition, Long> logStarts(DeleteRecordsResponse reply) {
        Map<TopicPartition, Long> starts = new HashMap<>();
        for (RecordDeletionResult result : reply.getResultsList()) {
            starts.put(new TopicPartition(result.getTopic(), result.getPartition()), result.getLogStartOffset());
        }
        return starts;
    }
}
