package io.lograft.client;

import io.lograft.client.transport.Calls;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.DeleteRecordsRequest;
import io.lograft.proto.v1.DeleteRecordsResponse;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectionResult;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.PartitionReassignment;
import io.lograft.proto.v1.RecordDeletion;
import io.lograft.proto.v1.RecordDeletionResult;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.proto.v1.TopicResult;
import io.lograft.proto.v1.TopicSummary;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

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

    /** The topics of an answer; throws the failure of the first that has one. */
    static List<TopicDescription> topics(DescribeTopicsResponse reply) {
        return reply.getTopicsList().stream().map(AdminReplies::topic).toList();
    }

    private static TopicDescription topic(io.lograft.proto.v1.TopicDescription topic) {
        if (topic.hasFailure()) {
            throw exception(topic.getFailure());
        }
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
                partition.hasLogState() ? Optional.of(log(partition.getLogState())) : Optional.empty(),
                partition.hasReassignment() ? Optional.of(reassignment(partition.getReassignment())) : Optional.empty(),
                partition.getReplicaStatesList().stream()
                        .map(AdminReplies::replica)
                        .toList());
    }

    private static TopicDescription.Reassignment reassignment(PartitionReassignment reassignment) {
        return new TopicDescription.Reassignment(
                List.copyOf(reassignment.getFormerReplicasList()),
                List.copyOf(reassignment.getTargetReplicasList()),
                reassignment.getThrottleBytesPerSecond());
    }

    private static TopicDescription.Replica replica(ReplicaState state) {
        return new TopicDescription.Replica(
                state.getBrokerId(), state.getLogStartOffset(), state.getLogEndOffset(), state.getSizeBytes());
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

    static TopicListing made(TopicResult result) {
        return new TopicListing(
                result.getName(),
                WireBytes.topicId(result.getTopicId()),
                result.getPartitionCount(),
                result.getReplicationFactor(),
                false);
    }

    /** The failure of the first topic, null where it has none. */
    static io.lograft.client.core.Failure refusal(List<TopicResult> results) {
        if (results.isEmpty()) {
            return new io.lograft.client.core.Failure(ErrorCode.INTERNAL, "the broker answered nothing");
        }
        return results.get(0).hasFailure() ? refusal(results.get(0).getFailure()) : null;
    }

    private static io.lograft.client.core.Failure refusal(Failure failure) {
        return new io.lograft.client.core.Failure(ErrorCodes.fromProto(failure.getCode()), failure.getMessage());
    }

    static CreateTopicsRequest creation(NewTopic topic) {
        return CreateTopicsRequest.newBuilder()
                .addTopics(io.lograft.proto.v1.NewTopic.newBuilder()
                        .setName(topic.name())
                        .setPartitionCount(topic.partitionCount())
                        .setReplicationFactor(topic.replicationFactor())
                        .putAllConfigs(topic.configs()))
                .build();
    }

    static DeleteRecordsRequest deletion(Map<TopicPartition, Long> beforeOffsets, int timeoutMs) {
        DeleteRecordsRequest.Builder request = DeleteRecordsRequest.newBuilder().setTimeoutMs(timeoutMs);
        beforeOffsets.forEach((partition, offset) -> request.addDeletions(RecordDeletion.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setBeforeOffset(offset)));
        return request.build();
    }

    /** The first failure, null where there is none. */
    static io.lograft.client.core.Failure refusal(DeleteRecordsResponse reply) {
        for (RecordDeletionResult result : reply.getResultsList()) {
            if (result.hasFailure()) {
                return refusal(result.getFailure());
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

    /** Ends a call with its answer in the words of the API, or with its failure. */
    static <R, T> void finish(CompletableFuture<T> done, Calls.Reply<R> reply, Function<R, T> decode) {
        if (reply.failure() != null) {
            done.completeExceptionally(
                    new LograftException(reply.failure().code(), reply.failure().message()));
            return;
        }
        try {
            done.complete(decode.apply(reply.answer()));
        } catch (LograftException e) {
            done.completeExceptionally(e);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            done.completeExceptionally(
                    new LograftException(ErrorCode.INTERNAL, "the broker's answer makes no sense", e));
        }
    }
}
