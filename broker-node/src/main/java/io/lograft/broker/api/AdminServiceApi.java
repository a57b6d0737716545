package io.lograft.broker.api;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.quorum.QuorumAdmin;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.TopicRules;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.AddPartitionsRequest;
import io.lograft.proto.v1.AddPartitionsResponse;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.AlterTopicRequest;
import io.lograft.proto.v1.AlterTopicResponse;
import io.lograft.proto.v1.ChangeQuorumResponse;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
import io.lograft.proto.v1.DeleteRecordsRequest;
import io.lograft.proto.v1.DeleteRecordsResponse;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsResponse;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeFencingResponse;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectLeadersResponse;
import io.lograft.proto.v1.NewTopic;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignPartitionsResponse;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TopicResult;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Changes of the cluster on behalf of administrators. Safe for use by several threads. */
public final class AdminServiceApi extends AdminServiceGrpc.AdminServiceImplBase {
    /** What is about who leads and which brokers take part. Answers the client itself. Safe for several threads. */
    public interface Leadership {
        void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> client);

        void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> client);

        void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> client);
    }

    /** What gives partitions other replicas. Answers the client itself. Safe for several threads. */
    public interface Assignment {
        void reassignPartitions(ReassignPartitionsRequest request, StreamObserver<ReassignPartitionsResponse> client);
    }

    /** What deletes records. Answers the client itself. Safe for several threads. */
    public interface Deletion {
        void deleteRecords(DeleteRecordsRequest request, StreamObserver<DeleteRecordsResponse> client);
    }

    private static final int TOPICS_MAX = 1_000;

    private final CommandSubmitter controller;
    private final TopicDefaults defaults;
    private final QuorumAdmin quorum;
    private final Leadership leadership;
    private final Assignment assignment;
    private final Deletion deletion;
    private final SecureRandom random = new SecureRandom();

    /**
     * Hands everything to the controller.
     *
     * @param defaults what a topic gets that is created without saying
     * @param quorum the metadata quorum's part
     * @param leadership who leads, and which brokers take part
     * @param assignment what gives partitions other replicas
     * @param deletion what deletes records
     */
    public AdminServiceApi(
            CommandSubmitter controller,
            TopicDefaults defaults,
            QuorumAdmin quorum,
            Leadership leadership,
            Assignment assignment,
            Deletion deletion) {
        this.controller = controller;
        this.defaults = defaults;
        this.quorum = quorum;
        this.leadership = leadership;
        this.assignment = assignment;
        this.deletion = deletion;
    }

    @Override
    public void createTopics(CreateTopicsRequest request, StreamObserver<CreateTopicsResponse> client) {
        List<String> names =
                request.getTopicsList().stream().map(NewTopic::getName).toList();
        if (isRefused(names, client)) {
            return;
        }
        List<CompletableFuture<TopicResult>> results = new ArrayList<>();
        for (NewTopic topic : request.getTopicsList()) {
            MetadataCommand.CreateTopic command = new MetadataCommand.CreateTopic(
                    new TopicId(random.nextLong(), random.nextLong()),
                    topic.getName(),
                    topic.getPartitionCount(),
                    topic.getReplicationFactor(),
                    new TreeMap<>(topic.getConfigsMap()),
                    defaults,
                    random.nextLong(),
                    false,
                    request.getValidateOnly());
            results.add(controller.submit(command).thenApply(reply -> result(topic.getName(), reply)));
        }
        whenAll(
                results,
                client,
                all -> CreateTopicsResponse.newBuilder().addAllResults(all).build());
    }

    @Override
    public void deleteTopics(DeleteTopicsRequest request, StreamObserver<DeleteTopicsResponse> client) {
        if (isRefused(request.getNamesList(), client)) {
            return;
        }
        List<CompletableFuture<TopicResult>> results = new ArrayList<>();
        for (String name : request.getNamesList()) {
            results.add(controller
                    .submit(new MetadataCommand.DeleteTopic(name, Optional.empty()))
                    .thenApply(reply -> result(name, reply)));
        }
        whenAll(
                results,
                client,
                all -> DeleteTopicsResponse.newBuilder().addAllResults(all).build());
    }

    @Override
    public void addPartitions(AddPartitionsRequest request, StreamObserver<AddPartitionsResponse> client) {
        MetadataCommand command =
                new MetadataCommand.AddPartitions(request.getTopic(), request.getPartitionCount(), random.nextLong());
        whenAll(
                List.of(controller.submit(command).thenApply(reply -> result(request.getTopic(), reply))),
                client,
                all -> AddPartitionsResponse.newBuilder().setResult(all.get(0)).build());
    }

    @Override
    public void alterTopic(AlterTopicRequest request, StreamObserver<AlterTopicResponse> client) {
        MetadataCommand command = new MetadataCommand.AlterTopic(
                request.getTopic(),
                new TreeMap<>(request.getSetMap()),
                new TreeSet<>(request.getRemoveList()),
                request.getValidateOnly());
        whenAll(
                List.of(controller.submit(command).thenApply(reply -> result(request.getTopic(), reply))),
                client,
                all -> AlterTopicResponse.newBuilder().setResult(all.get(0)).build());
    }

    @Override
    public void deleteRecords(DeleteRecordsRequest request, StreamObserver<DeleteRecordsResponse> client) {
        deletion.deleteRecords(request, client);
    }

    @Override
    public void describeQuorum(DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> client) {
        quorum.describe(request, client);
    }

    @Override
    public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> client) {
        leadership.electLeaders(request, client);
    }

    @Override
    public void reassignPartitions(
            ReassignPartitionsRequest request, StreamObserver<ReassignPartitionsResponse> client) {
        assignment.reassignPartitions(request, client);
    }

    @Override
    public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> client) {
        leadership.drainBroker(request, client);
    }

    @Override
    public void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> client) {
        leadership.describeFencing(request, client);
    }

    @Override
    public void addVoter(AddVoterRequest request, StreamObserver<ChangeQuorumResponse> client) {
        quorum.addVoter(request, client);
    }

    @Override
    public void removeVoter(RemoveVoterRequest request, StreamObserver<ChangeQuorumResponse> client) {
        quorum.removeVoter(request, client);
    }

    @Override
    public void transferMetadataLeadership(
            TransferMetadataLeadershipRequest request, StreamObserver<ChangeQuorumResponse> client) {
        quorum.transferLeadership(request, client);
    }

    /** Ends the call where the request as a whole makes no sense. */
    private static boolean isRefused(List<String> names, StreamObserver<?> client) {
        String why = null;
        if (names.isEmpty()) {
            why = "the request names no topic";
        } else if (names.size() > TOPICS_MAX) {
            why = names.size() + " topics in one request, at most " + TOPICS_MAX + " are allowed";
        } else {
            Set<String> seen = new HashSet<>();
            for (String name : names) {
                why = seen.add(name) ? why : "topic '" + TopicRules.abbreviate(name) + "' is named twice";
            }
        }
        if (why != null) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, why));
        }
        return why != null;
    }

    private static TopicResult result(String name, CommandReply reply) {
        TopicResult.Builder result = TopicResult.newBuilder().setName(name).setTopicId(ByteString.EMPTY);
        if (!reply.isOk()) {
            return result.setFailure(Failures.of(reply)).build();
        }
        if (reply.result() instanceof CommandReply.TopicOutcome outcome) {
            result.setTopicId(WireBytes.topicId(outcome.id()))
                    .setPartitionCount(outcome.partitionCount())
                    .setReplicationFactor(outcome.replicationFactor());
        }
        return result.build();
    }

    private static <T> void whenAll(
            List<CompletableFuture<TopicResult>> results,
            StreamObserver<T> client,
            Function<List<TopicResult>, T> response) {
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            if (failure != null) {
                client.onError(GrpcErrors.exception(ErrorCode.INTERNAL, "a command failed: " + failure.getMessage()));
                return;
            }
            client.onNext(
                    response.apply(results.stream().map(CompletableFuture::join).toList()));
            client.onCompleted();
        });
    }
}
