package io.lograft.broker.controller;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.codec.UnknownMetadataException;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.BarrierRequest;
import io.lograft.proto.v1.BarrierResponse;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.DescribeVoterRequest;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.proto.v1.FindControllerRequest;
import io.lograft.proto.v1.FindControllerResponse;
import io.lograft.proto.v1.ProbeRequest;
import io.lograft.proto.v1.ProbeResponse;
import io.lograft.proto.v1.SessionRequest;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.proto.v1.SubmitRequest;
import io.lograft.proto.v1.SubmitResponse;
import io.lograft.wire.GrpcErrors;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The service of the controller, which every broker has: those that are not the controller say so. */
final class ControllerServiceApi extends ControllerServiceGrpc.ControllerServiceImplBase {

    /** The quorum in which this broker has a part, as the services of brokers use it: see {@link MetadataQuorum}. */
    interface Quorum {
        boolean isController();

        Optional<BrokerId> leader();

        ClusterImage image();

        CompletableFuture<CommandReply> submit(MetadataCommand command);

        CompletableFuture<Long> barrier();

        List<Voter> formation();

        VoterSet voters();

        QuorumStatus status();

        CompletableFuture<CommandReply> setVoters(VoterSet present, List<Voter> wanted, long timeoutMs);

        CompletableFuture<CommandReply> transferTo(Voter voter, long timeoutMs);

        CompletableFuture<Boolean> handOver(long timeoutMs);
    }

    /** What the service asks about the broker that it is in, and its part in the quorum. */
    interface NodeFacts {
        BrokerFacts broker();

        Optional<? extends Quorum> quorum();

        /** False where this broker does not vote and is not about to. */
        boolean mayBecomeController();

        /** The voters as far as they are known here. */
        VoterSet voters();

        /** What a voter knows of itself and of the formation of its quorum; empty for a broker that is no voter. */
        Optional<DescribeVoterResponse> describeVoter();
    }

    private final BrokerId self;
    private final EventLoop loop;
    private final ControllerRuntime runtime;
    private final Registrations registrations;
    private final NodeFacts node;

    ControllerServiceApi(
            BrokerId self, EventLoop loop, ControllerRuntime runtime, Registrations registrations, NodeFacts node) {
        this.self = self;
        this.loop = loop;
        this.runtime = runtime;
        this.registrations = registrations;
        this.node = node;
    }

    @Override
    public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> responses) {
        return new Session((ServerCallStreamObserver<SessionResponse>) responses);
    }

    /** Callbacks of one stream; they only send to the loop. */
    private final class Session implements StreamObserver<SessionRequest> {
        private final SessionPeer peer;

        private Session(ServerCallStreamObserver<SessionResponse> observer) {
            peer = new SessionPeer(observer);
            observer.setOnCancelHandler(() -> loop.execute(() -> runtime.broke(peer)));
        }

        @Override
        public void onNext(SessionRequest request) {
            if (!loop.tryExecute(() -> handle(request))) {
                loop.execute(() -> peer.close(ErrorCode.BUSY, "the controller has too much to do"));
            }
        }

        private void handle(SessionRequest request) {
            if (peer.isClosed()) {
                return;
            }
            if (!runtime.isController()) {
                peer.close(ErrorCode.NOT_CONTROLLER, "broker " + self + " is not the controller");
                return;
            }
            if (request.hasRegister() ? !peer.beginRegistration() : peer.ref() == null) {
                peer.close(ErrorCode.INVALID_REQUEST, "a session begins with one Register");
                return;
            }
            try {
                if (request.hasRegister()) {
                    registrations.register(peer, request.getRegister());
                } else {
                    runtime.heard(peer);
                    dispatch(request);
                }
            } catch (UnknownMetadataException | ClassCastException | IllegalArgumentException malformed) {
                peer.close(ErrorCode.INVALID_REQUEST, String.valueOf(malformed.getMessage()));
            }
        }

        private void dispatch(SessionRequest request) {
            switch (request.getMessageCase()) {
                case HEARTBEAT -> runtime.heartbeat(peer);
                case ISR_PROPOSALS ->
                    runtime.propose(peer, (MetadataCommand.AlterIsr) decode(request.getIsrProposals()));
                case UNFENCE -> runtime.unfence(peer, (MetadataCommand.UnfenceBroker) decode(request.getUnfence()));
                case DRAIN -> runtime.drain(peer);
                case HAND_OVER ->
                    runtime.handOver(peer, (MetadataCommand.HandOverLeadership) decode(request.getHandOver()));
                case REGISTER, MESSAGE_NOT_SET -> {}
            }
        }

        @Override
        public void onError(Throwable failure) {
            loop.execute(() -> runtime.broke(peer));
        }

        @Override
        public void onCompleted() {
            loop.execute(() -> {
                // In this order: of a peer that is gone the stream counts as ended.
                peer.close(ErrorCode.UNAVAILABLE, "the broker ended the session");
                runtime.broke(peer);
            });
        }
    }

    private static MetadataCommand decode(ByteString bytes) {
        return CommandCodec.fromBytes(bytes.toByteArray());
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> response) {
        Optional<? extends Quorum> voting = serving(request.getClusterId(), response);
        if (voting.isEmpty()) {
            return;
        }
        MetadataCommand command;
        try {
            command = decode(request.getCommand());
        } catch (UnknownMetadataException unknown) {
            response.onError(GrpcErrors.exception(ErrorCode.UNSUPPORTED_VERSION, unknown.getMessage()));
            return;
        }
        if (!isOpenToAll(command)) {
            response.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST, "only its own session may ask for a broker: " + command));
            return;
        }
        voting.get().submit(command).thenAccept(reply -> {
            response.onNext(SubmitResponse.newBuilder()
                    .setReply(ByteString.copyFrom(ReplyCodec.toBytes(reply)))
                    .setIndex(voting.get().image().index())
                    .build());
            response.onCompleted();
        });
    }

    /** Commands about brokers come from their sessions and from the controller itself. */
    private static boolean isOpenToAll(MetadataCommand command) {
        return switch (command) {
            case MetadataCommand.NoOp noOp -> true;
            case MetadataCommand.CreateTopic create -> true;
            case MetadataCommand.DeleteTopic delete -> true;
            case MetadataCommand.AddPartitions add -> true;
            case MetadataCommand.AlterTopic alter -> true;
            case MetadataCommand.AlterIsr alter -> true;
            case MetadataCommand.ReportDirectories report -> true;
            case MetadataCommand.AssignDirectories assign -> true;
            case MetadataCommand.AllocateProducerIds allocate -> true;
            case MetadataCommand.ElectPreferredLeaders elect -> true;
            case MetadataCommand.FormCluster form -> false;
            case MetadataCommand.RegisterBroker register -> false;
            case MetadataCommand.UnfenceBroker unfence -> false;
            case MetadataCommand.FenceBrokers fence -> false;
            case MetadataCommand.HandOverLeadership handOver -> false;
            case MetadataCommand.ElectLeaders elect -> true;
            case MetadataCommand.ReassignPartitions reassign -> true;
            // An operator's, not that of a broker that stops.
            case MetadataCommand.DrainBroker drain -> drain.onlyIfSafe();
        };
    }

    @Override
    public void barrier(BarrierRequest request, StreamObserver<BarrierResponse> response) {
        Optional<? extends Quorum> voting = serving(request.getClusterId(), response);
        if (voting.isEmpty()) {
            return;
        }
        voting.get().barrier().whenComplete((index, failure) -> {
            if (failure != null) {
                response.onError(GrpcErrors.exception(
                        ErrorCode.CONTROLLER_UNAVAILABLE, "no majority confirmed an index: " + failure.getMessage()));
                return;
            }
            response.onNext(BarrierResponse.newBuilder().setIndex(index).build());
            response.onCompleted();
        });
    }

    /** The quorum, where this broker is the controller of the caller's cluster; else the caller has been answered. */
    private Optional<? extends Quorum> serving(String clusterId, StreamObserver<?> response) {
        Optional<? extends Quorum> voting = node.quorum().filter(Quorum::isController);
        if (voting.isEmpty()) {
            response.onError(
                    GrpcErrors.exception(ErrorCode.NOT_CONTROLLER, "broker " + self + " is not the controller"));
            return voting;
        }
        String own = voting.get().image().clusterId();
        if (!clusterId.isEmpty() && !clusterId.equals(own)) {
            response.onError(GrpcErrors.exception(
                    ErrorCode.CLUSTER_ID_MISMATCH, "the caller is of cluster " + clusterId + ", this is " + own));
            return Optional.empty();
        }
        return voting;
    }

    @Override
    public void findController(FindControllerRequest request, StreamObserver<FindControllerResponse> response) {
        boolean isController = node.quorum().filter(Quorum::isController).isPresent();
        boolean isWaiting = !isController
                && request.getWaitMs() > 0
                && node.mayBecomeController()
                && loop.tryExecute(() -> runtime.whenController(request.getWaitMs(), () -> answer(response)));
        if (!isWaiting) {
            answer(response);
        }
    }

    private void answer(StreamObserver<FindControllerResponse> response) {
        FindControllerResponse.Builder answer = FindControllerResponse.newBuilder()
                .setControllerId(-1)
                .setVoters(VoterMessages.of(node.voters(), List.of()));
        node.quorum().ifPresent(voting -> {
            Optional<BrokerId> leader =
                    voting.isController() ? Optional.of(self) : voting.leader().filter(id -> !id.equals(self));
            leader.ifPresent(id -> answer.setControllerId(id.value()));
            answer.setClusterId(voting.image().clusterId());
        });
        response.onNext(answer.build());
        response.onCompleted();
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> response) {
        response.onNext(node.broker().identity());
        response.onCompleted();
    }

    @Override
    public void describeVoter(DescribeVoterRequest request, StreamObserver<DescribeVoterResponse> response) {
        response.onNext(node.describeVoter().orElse(DescribeVoterResponse.getDefaultInstance()));
        response.onCompleted();
    }
}
