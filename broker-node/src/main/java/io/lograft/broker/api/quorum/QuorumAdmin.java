package io.lograft.broker.api.quorum;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.ChangeQuorumResponse;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeQuorumResponse;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import io.lograft.proto.v1.VoterState;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Describes and changes the metadata quorum, by way of its leader. Safe for use by several threads. */
public final class QuorumAdmin {
    private static final long DESCRIBE_MS_MAX = 2_000;
    private static final int CHANGE_MS = 30_000;
    private static final int CHANGE_MS_MAX = 300_000;

    /** What the rest of the broker knows of the quorum. */
    public interface Facts {
        BrokerId self();

        /** The controller, where one is known. */
        Optional<BrokerId> controller();

        /** The quorum as this broker's voter sees it, empty where it does not vote. */
        Optional<QuorumStatus> status();

        /** Voters whose log stands still, as far as is known here. */
        Set<BrokerId> stalled();
    }

    /** The way to the controller. */
    public interface VoterChanger {
        /** Fails with a StatusRuntimeException that says why. */
        CompletableFuture<ChangeVotersResponse> change(ChangeVotersRequest.Builder change);
    }

    private final Facts facts;
    private final VoterChanger changer;
    private final Function<BrokerId, Optional<? extends Channel>> channels;

    /** {@code channels} lead to other brokers. */
    public QuorumAdmin(Facts facts, VoterChanger changer, Function<BrokerId, Optional<? extends Channel>> channels) {
        this.facts = facts;
        this.changer = changer;
        this.channels = channels;
    }

    /** Answers with what the leader knows, or else with what is known here. */
    public void describe(DescribeQuorumRequest request, StreamObserver<DescribeQuorumResponse> client) {
        Optional<BrokerId> leader = facts.controller();
        boolean isLeader = leader.filter(facts.self()::equals).isPresent();
        Optional<? extends Channel> channel =
                isLeader || request.getOwnViewOnly() ? Optional.empty() : leader.flatMap(channels);
        if (channel.isPresent()) {
            AdminServiceGrpc.newStub(channel.get())
                    .withDeadlineAfter(DESCRIBE_MS_MAX, TimeUnit.MILLISECONDS)
                    .describeQuorum(request.toBuilder().setOwnViewOnly(true).build(), new LeaderAnswer(client));
        } else {
            answerOwnView(client);
        }
    }

    private void answerOwnView(StreamObserver<DescribeQuorumResponse> client) {
        Optional<QuorumStatus> status = facts.status();
        if (status.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.CONTROLLER_UNAVAILABLE,
                    "broker " + facts.self()
                            + " does not vote, and the quorum's leader is not known or not reachable"));
            return;
        }
        client.onNext(message(status.get()));
        client.onCompleted();
    }

    private DescribeQuorumResponse message(QuorumStatus status) {
        DescribeQuorumResponse.Builder response = DescribeQuorumResponse.newBuilder()
                .setLeaderId(status.leader().map(BrokerId::value).orElse(-1))
                .setTerm(status.term())
                .setCommitIndex(status.commitIndex())
                .setAppliedIndex(status.appliedIndex())
                .setSnapshotIndex(status.snapshotIndex());
        Set<BrokerId> stalled = facts.stalled();
        for (QuorumStatus.VoterStatus voter : status.voters()) {
            long lag = voter.matchIndex() < 0 ? -1 : Math.max(0, status.commitIndex() - voter.matchIndex());
            response.addVoters(VoterState.newBuilder()
                    .setBrokerId(voter.broker().value())
                    .setAddress(voter.raftAddress())
                    .setMatchIndex(voter.matchIndex())
                    .setLag(lag)
                    .setSilentMs(voter.silentMs())
                    .setStalled(stalled.contains(voter.broker()))
                    .setDirectoryId(voter.voter().directoryId()));
        }
        return response.build();
    }

    /** Makes a broker a voter. */
    public void addVoter(AddVoterRequest request, StreamObserver<ChangeQuorumResponse> client) {
        change(
                ChangeVotersRequest.newBuilder().setAdd(request.getBrokerId()),
                request.getBrokerId(),
                request.getTimeoutMs(),
                client);
    }

    /** Takes a broker's vote away. */
    public void removeVoter(RemoveVoterRequest request, StreamObserver<ChangeQuorumResponse> client) {
        change(
                ChangeVotersRequest.newBuilder().setRemove(request.getBrokerId()),
                request.getBrokerId(),
                request.getTimeoutMs(),
                client);
    }

    /** Makes another voter the controller. */
    public void transferLeadership(
            TransferMetadataLeadershipRequest request, StreamObserver<ChangeQuorumResponse> client) {
        int to = request.hasBrokerId() ? request.getBrokerId() : -1;
        change(
                ChangeVotersRequest.newBuilder().setTransferTo(to),
                Math.max(0, request.getBrokerId()),
                request.getTimeoutMs(),
                client);
    }

    private void change(
            ChangeVotersRequest.Builder change,
            int brokerId,
            int timeoutMs,
            StreamObserver<ChangeQuorumResponse> client) {
        if (brokerId < 0 || timeoutMs < 0 || timeoutMs > CHANGE_MS_MAX) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST,
                    "broker_id " + brokerId + " and timeout_ms " + timeoutMs + ": ids are not negative, and the time is"
                            + " 0 to " + CHANGE_MS_MAX));
            return;
        }
        changer.change(change.setTimeoutMs(timeoutMs == 0 ? CHANGE_MS : timeoutMs))
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        RemoteError error = GrpcErrors.of(failure);
                        client.onError(GrpcErrors.exception(error.code(), error.message(), error.details()));
                        return;
                    }
                    client.onNext(ChangeQuorumResponse.newBuilder()
                            .setLeaderId(answer.getControllerId())
                            .addAllVoters(answer.getVoters().getVotersList().stream()
                                    .map(Voter::parse)
                                    .map(Voter::address)
                                    .map(VoterAddress::toString)
                                    .toList())
                            .build());
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
