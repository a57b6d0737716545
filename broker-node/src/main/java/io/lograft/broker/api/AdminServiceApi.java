package io.lograft.broker.api;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
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
import io.lograft.proto.v1.TopicResult;
import io.lograft.proto.v1.VoterState;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Changes of the cluster on behalf of administrators. Safe for use by several threads. */
public final class AdminServiceApi extends AdminServiceGrpc.AdminServiceImplBase {
    /** What is about who leads and which brokers take part. Answers the client itself. Safe for several threads. */
    public interface Leadership {
        void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> client);

        void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> client);

        void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> client);
    }

    private static final int TOPICS_MAX = 1_000;
    private static final long QUORUM_TIMEOUT_MS = 2_000;

    private final ClusterState state;
    private final CommandSubmitter controller;
    private final TopicDefaults defaults;
    private final Supplier<Optional<QuorumStatus>> quorum;
    private final Function<BrokerId, Optional<? extends Channel>> channels;
    private final Leadership leadership;
    private final SecureRandom random = new SecureRandom();

    /**
     * Hands everything to the controller.
     *
     * @param defaults what a topic gets that is created without saying
     * @param quorum the quorum as this broker's voter sees it, empty where it does not vote
     * @param channels to other brokers
     * @param leadership who leads, and which brokers take part
     */
    public AdminServiceApi(
            ClusterState state,
            CommandSubmitter controller,
            TopicDefaults defaults,
            Supplier<Optional<QuorumStatus>> quorum,
            Function<BrokerId, Optional<? extends Channel>> channels,
            Leadership leadership) {
        this.state = state;
        this.controller = controller;
        this.defaults = defaults;
        this.quorum = quorum;
        this.channels = channels;
        this.leadership = leadership;
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
    public void describeQuorum(DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> client) {
        Optional<BrokerId> leader = state.controller();
        boolean isLeader = leader.filter(state.self()::equals).isPresent();
        Optional<? extends Channel> channel =
                isLeader || request.getOwnViewOnly() ? Optional.empty() : leader.flatMap(channels);
        if (channel.isPresent()) {
            AdminServiceGrpc.newStub(channel.get())
                    .withDeadlineAfter(QUORUM_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .describeQuorum(request.toBuilder().setOwnViewOnly(true).build(), new LeaderAnswer(client));
        } else {
            answerOwnView(client);
        }
    }

    @Override
    public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> client) {
        leadership.electLeaders(request, client);
    }

    @Override
    public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> client) {
        leadership.drainBroker(request, client);
    }

    @Override
    public void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> client) {
        leadership.describeFencing(request, client);
    }

    private void answerOwnView(StreamObserver<DescribeQuorumResponse> client) {
        Optional<QuorumStatus> status = quorum.get();
        if (status.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.CONTROLLER_UNAVAILABLE,
                    "broker " + state.self()
                            + " does not vote, and the quorum's leader is not known or not reachable"));
            return;
        }
        client.onNext(message(status.get()));
        client.onCompleted();
    }

    private static DescribeQuorumResponse message(QuorumStatus status) {
        DescribeQuorumResponse.Builder response = DescribeQuorumResponse.newBuilder()
                .setLeaderId(status.leader().map(BrokerId::value).orElse(-1))
                .setTerm(status.term())
                .setCommitIndex(status.commitIndex())
                .setAppliedIndex(status.appliedIndex())
                .setSnapshotIndex(status.snapshotIndex());
        for (QuorumStatus.VoterStatus voter : status.voters()) {
            long lag = voter.matchIndex() < 0 ? -1 : Math.max(0, status.commitIndex() - voter.matchIndex());
            response.addVoters(VoterState.newBuilder()
                    .setBrokerId(voter.broker().value())
                    .setAddress(voter.raftAddress())
                    .setMatchIndex(voter.matchIndex())
                    .setLag(lag));
        }
        return response.build();
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

    /** Passes on what the leader says; without it, what is known here is better than nothing. */
    private final class LeaderAnswer implements StreamObserver<DescribeQuorumResponse> {
        private final StreamObserver<DescribeQuorumResponse> client;

        private LeaderAnswer(StreamObserver<DescribeQuorumResponse> client) {
            this.client = client;
        }

        @Override
        public void onNext(DescribeQuorumResponse response) {
            client.onNext(response);
        }

        @Override
        public void onError(Throwable failure) {
            answerOwnView(client);
        }

        @Override
        public void onCompleted() {
            client.onCompleted();
        }
    }
}
