package io.lograft.broker.controller;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.Voter;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.proto.v1.PrepareVoterRequest;
import io.lograft.proto.v1.PrepareVoterResponse;
import io.lograft.proto.v1.QuorumServiceGrpc;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The membership of the quorum on behalf of other brokers. Every broker serves it. Safe for use by several threads. */
final class QuorumServiceApi extends QuorumServiceGrpc.QuorumServiceImplBase {

    /** Gets this broker ready to be added to the quorum that was formed of these voters. */
    interface VoterPreparation {
        /** Fails with a StatusRuntimeException that says why. */
        CompletableFuture<Voter> prepare(List<Voter> formation);
    }

    private final BrokerId self;
    private final EventLoop loop;
    private final VoterChanges changes;
    private final QuorumCare care;
    private final Supplier<Optional<? extends ControllerServiceApi.Quorum>> quorum;
    private final VoterPreparation preparation;

    QuorumServiceApi(
            BrokerId self,
            EventLoop loop,
            VoterChanges changes,
            QuorumCare care,
            Supplier<Optional<? extends ControllerServiceApi.Quorum>> quorum,
            VoterPreparation preparation) {
        this.self = self;
        this.loop = loop;
        this.changes = changes;
        this.care = care;
        this.quorum = quorum;
        this.preparation = preparation;
    }

    @Override
    public void changeVoters(ChangeVotersRequest request, StreamObserver<ChangeVotersResponse> response) {
        // Only one of them is set; that of a transfer may be negative, for any other voter.
        int named = Math.min(request.getAdd(), request.getRemove());
        if (named < 0) {
            fail(response, ErrorCode.INVALID_REQUEST, "no broker has the id " + named);
            return;
        }
        Optional<? extends ControllerServiceApi.Quorum> voting =
                quorum.get().filter(ControllerServiceApi.Quorum::isController);
        if (voting.isEmpty()) {
            fail(response, ErrorCode.NOT_CONTROLLER, "broker " + self + " is not the controller");
            return;
        }
        String own = voting.get().image().clusterId();
        if (!request.getClusterId().isEmpty() && !request.getClusterId().equals(own)) {
            fail(
                    response,
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    "the caller is of cluster " + request.getClusterId() + ", this is " + own);
            return;
        }
        boolean isAccepted =
                loop.tryExecute(() -> start(voting.get(), request, reply -> answer(voting.get(), reply, response)));
        if (!isAccepted) {
            fail(response, ErrorCode.BUSY, "the controller has too much to do");
        }
    }

    private void start(ControllerServiceApi.Quorum voting, ChangeVotersRequest request, Consumer<CommandReply> done) {
        long timeoutMs = Math.max(1, request.getTimeoutMs());
        switch (request.getChangeCase()) {
            case ADD -> changes.add(voting, new BrokerId(request.getAdd()), timeoutMs, done);
            case REMOVE -> changes.remove(voting, new BrokerId(request.getRemove()), timeoutMs, done);
            case TRANSFER_TO -> {
                Optional<BrokerId> to = request.getTransferTo() < 0
                        ? Optional.empty()
                        : Optional.of(new BrokerId(request.getTransferTo()));
                changes.transfer(voting, to, timeoutMs, done);
            }
            case CHANGE_NOT_SET ->
                done.accept(CommandReply.refused(ErrorCode.INVALID_REQUEST, "the request names no change"));
        }
    }

    private void answer(
            ControllerServiceApi.Quorum voting, CommandReply reply, StreamObserver<ChangeVotersResponse> response) {
        if (!reply.isOk()) {
            fail(response, reply.error(), reply.message());
            return;
        }
        response.onNext(ChangeVotersResponse.newBuilder()
                .setVoters(VoterMessages.of(voting.voters(), care.stalled()))
                .setControllerId(voting.leader().map(BrokerId::value).orElse(-1))
                .build());
        response.onCompleted();
    }

    @Override
    public void prepareVoter(PrepareVoterRequest request, StreamObserver<PrepareVoterResponse> response) {
        List<Voter> formation;
        try {
            formation = QuorumFormation.parse(request.getFormationList());
        } catch (IllegalArgumentException malformed) {
            fail(response, ErrorCode.INVALID_REQUEST, String.valueOf(malformed.getMessage()));
            return;
        }
        preparation.prepare(formation).whenComplete((voter, failure) -> {
            if (failure != null) {
                RemoteError error = GrpcErrors.of(failure);
                fail(response, error.code(), error.message());
                return;
            }
            response.onNext(
                    PrepareVoterResponse.newBuilder().setSelf(voter.toString()).build());
            response.onCompleted();
        });
    }

    private static void fail(StreamObserver<?> response, ErrorCode code, String message) {
        response.onError(GrpcErrors.exception(code, message));
    }
}
