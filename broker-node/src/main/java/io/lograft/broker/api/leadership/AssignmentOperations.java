package io.lograft.broker.api.leadership;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.AdminServiceApi;
import io.lograft.broker.api.ClusterState;
import io.lograft.broker.api.CommandSubmitter;
import io.lograft.broker.api.Failures;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignPartitionsResponse;
import io.lograft.proto.v1.ReassignmentResult;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Other replicas for partitions, on behalf of administrators. Safe for use by several threads. */
public final class AssignmentOperations implements AdminServiceApi.Assignment {
    private static final Logger LOG = LoggerFactory.getLogger(AssignmentOperations.class);

    /** More in one request are refused. */
    static final int TARGETS_MAX = 1_000;

    private final ClusterState state;
    private final CommandSubmitter controller;

    /** Hands changes to the controller; names become ids by this broker's own image. */
    public AssignmentOperations(ClusterState state, CommandSubmitter controller) {
        this.state = state;
        this.controller = controller;
    }

    @Override
    public void reassignPartitions(
            ReassignPartitionsRequest request, StreamObserver<ReassignPartitionsResponse> client) {
        Optional<String> fault = fault(request);
        if (fault.isPresent()) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, fault.get()));
            return;
        }
        List<Part> parts = request.getTargetsList().stream().map(this::part).toList();
        List<PartitionTarget> known =
                parts.stream().flatMap(part -> part.target().stream()).toList();
        if (!request.getValidateOnly()) {
            LOG.info(
                    "an operator asks for other replicas of {} partitions, with at most {} bytes per second (0: no limit)",
                    request.getTargetsCount(),
                    request.getThrottleBytesPerSecond());
        }
        var unused = controller
                .submit(new MetadataCommand.ReassignPartitions(
                        known, request.getThrottleBytesPerSecond(), request.getValidateOnly()))
                .thenAccept(reply -> answer(parts, reply, client));
    }

    /** What makes no sense as a whole. */
    private static Optional<String> fault(ReassignPartitionsRequest request) {
        if (request.getTargetsCount() == 0 || request.getTargetsCount() > TARGETS_MAX) {
            return Optional.of(
                    request.getTargetsCount() + " partitions in one request, allowed are 1 to " + TARGETS_MAX);
        }
        if (request.getThrottleBytesPerSecond() < 0) {
            return Optional.of(
                    "throttle_bytes_per_second is " + request.getThrottleBytesPerSecond() + ", must not be negative");
        }
        Set<TopicPartition> seen = new HashSet<>();
        for (io.lograft.proto.v1.PartitionTarget target : request.getTargetsList()) {
            String name = TopicRules.abbreviate(target.getTopic()) + "-" + target.getPartition();
            if (target.getPartition() < 0) {
                return Optional.of(name + ": a partition is not negative");
            }
            if (!seen.add(new TopicPartition(target.getTopic(), target.getPartition()))) {
                return Optional.of("partition " + name + " is named twice");
            }
            if (target.getReplicasCount() > TopicRules.REPLICAS_MAX) {
                return Optional.of(name + " with " + target.getReplicasCount() + " replicas, at most "
                        + TopicRules.REPLICAS_MAX + " are allowed");
            }
            if (target.getReplicasList().stream().anyMatch(id -> id < 0)) {
                return Optional.of(name + ": a broker id is not negative, among " + target.getReplicasList());
            }
        }
        return Optional.empty();
    }

    /**
     * One target of a request.
     *
     * @param target for the controller; empty where no topic has the name
     */
    private record Part(io.lograft.proto.v1.PartitionTarget asked, Optional<PartitionTarget> target) {}

    private Part part(io.lograft.proto.v1.PartitionTarget asked) {
        Optional<PartitionTarget> target = state.image()
                .topic(asked.getTopic())
                .map(TopicImage::id)
                .map(topic -> new PartitionTarget(
                        new PartitionId(topic, asked.getPartition()),
                        asked.getReplicasList().stream().map(BrokerId::new).toList()));
        return new Part(asked, target);
    }

    private static void answer(
            List<Part> parts, CommandReply reply, StreamObserver<ReassignPartitionsResponse> client) {
        if (!reply.isOk() || !(reply.result() instanceof CommandReply.Parts outcomes)) {
            client.onError(GrpcErrors.exception(reply.error(), reply.message()));
            return;
        }
        List<CommandReply> left = new ArrayList<>(outcomes.replies());
        ReassignPartitionsResponse.Builder response = ReassignPartitionsResponse.newBuilder();
        for (Part part : parts) {
            CommandReply outcome = part.target().isPresent()
                    ? left.removeFirst()
                    : CommandReply.refused(
                            ErrorCode.UNKNOWN_TOPIC,
                            "no topic has the name '"
                                    + TopicRules.abbreviate(part.asked().getTopic()) + "'");
            ReassignmentResult.Builder result = response.addResultsBuilder()
                    .setTopic(part.asked().getTopic())
                    .setPartition(part.asked().getPartition());
            if (!outcome.isOk()) {
                result.setFailure(Failures.of(outcome));
            }
        }
        client.onNext(response.build());
        client.onCompleted();
    }
}
