package io.lograft.broker.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.BarrierRequest;
import io.lograft.proto.v1.BarrierResponse;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.QuorumServiceGrpc;
import io.lograft.proto.v1.SubmitRequest;
import io.lograft.proto.v1.SubmitResponse;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Commands and barriers on their way to the controller. What was certainly not carried out is sent again, to the next
 * controller if need be, until time runs out.
 *
 * <p>Owned by: metadata loop; {@link #submit} and {@link #barrier} may be called by any thread.
 */
final class ControllerCalls {
    private static final int CALLS_MAX = 1_024;
    private static final long RETRY_MS = 50;

    private final EventLoop loop;
    private final ImageKeeper keeper;
    private final Supplier<ManagedChannel> controller;
    private final long timeoutMs;
    private final Set<Call> open = new HashSet<>();
    private boolean isClosed;

    /** One call until its outcome is known. */
    private abstract class Call {
        private final long allowedMs;
        private final long deadlineMs;
        private EventLoop.Timer deadline;
        private EventLoop.Timer retry;
        /** True while it may have reached a controller that carries it out. */
        private boolean isSent;

        Call(long allowedMs) {
            this.allowedMs = allowedMs;
            this.deadlineMs = loop.clock().nowMs() + allowedMs;
        }

        /** Sends it; must lead to {@link #failed}, or to the end of the call. */
        abstract void send(Channel channel, long leftMs);

        abstract void end(ErrorCode error, String message);

        /** True where the failure does not mean that nothing was done, and doing it twice would matter. */
        abstract boolean isOver(RemoteError failure);

        final void begin() {
            if (isClosed || open.size() >= CALLS_MAX) {
                end(isClosed ? ErrorCode.UNAVAILABLE : ErrorCode.BUSY, open.size() + " calls wait for the controller");
                return;
            }
            open.add(this);
            deadline = loop.schedule(allowedMs, this::expired);
            attempt();
        }

        private void expired() {
            String message = "no answer of a controller within " + allowedMs + " ms";
            finish(isSent ? ErrorCode.REQUEST_TIMED_OUT : ErrorCode.CONTROLLER_UNAVAILABLE, message);
        }

        final void attempt() {
            retry = null;
            if (!open.contains(this)) {
                return;
            }
            ManagedChannel channel = controller.get();
            if (channel == null) {
                retryLater();
                return;
            }
            isSent = true;
            long leftMs = Math.max(1, deadlineMs - loop.clock().nowMs());
            send(channel, leftMs);
        }

        final void retryLater() {
            isSent = false;
            retry = loop.schedule(RETRY_MS, this::attempt);
        }

        final void failed(RemoteError failure) {
            if (isOver(failure)) {
                finish(failure.code(), failure.message());
            } else {
                retryLater();
            }
        }

        final void finish(ErrorCode error, String message) {
            if (remove()) {
                end(error, message);
            }
        }

        /** False where the call is over already. */
        final boolean remove() {
            if (!open.remove(this)) {
                return false;
            }
            deadline.cancel();
            if (retry != null) {
                retry.cancel();
            }
            return true;
        }

        final <T> StreamObserver<T> onLoop(Consumer<T> answered) {
            return new StreamObserver<>() {
                @Override
                public void onNext(T answer) {
                    loop.execute(() -> answered.accept(answer));
                }

                @Override
                public void onError(Throwable failure) {
                    loop.execute(() -> failed(GrpcErrors.of(failure)));
                }

                @Override
                public void onCompleted() {
                    // The answer came before.
                }
            };
        }
    }

    ControllerCalls(EventLoop loop, ImageKeeper keeper, Supplier<ManagedChannel> controller, long timeoutMs) {
        this.loop = loop;
        this.keeper = keeper;
        this.controller = controller;
        this.timeoutMs = timeoutMs;
    }

    private final class Submission extends Call {
        private final SubmitRequest request;
        private final CompletableFuture<CommandReply> outcome;

        Submission(SubmitRequest request, CompletableFuture<CommandReply> outcome) {
            super(timeoutMs);
            this.request = request;
            this.outcome = outcome;
        }

        @Override
        void send(Channel channel, long leftMs) {
            stub(channel, leftMs).submit(request, onLoop(this::answered));
        }

        private void answered(SubmitResponse answer) {
            CommandReply reply = ReplyCodec.fromBytes(answer.getReply().toByteArray());
            if (isNothingDone(reply.error())) {
                retryLater();
            } else {
                keeper.whenCaughtUp(answer.getIndex(), () -> {
                    if (remove()) {
                        outcome.complete(reply);
                    }
                });
            }
        }

        @Override
        boolean isOver(RemoteError failure) {
            return !isNothingDone(failure.code());
        }

        @Override
        void end(ErrorCode error, String message) {
            // A call that broke off may have been carried out.
            boolean isUnknown = error == ErrorCode.UNAVAILABLE || error == ErrorCode.REQUEST_TIMED_OUT;
            outcome.complete(CommandReply.refused(isUnknown ? ErrorCode.OUTCOME_UNKNOWN : error, message));
        }
    }

    private final class Barrier extends Call {
        private final BarrierRequest request;
        private final CompletableFuture<Long> outcome;

        Barrier(BarrierRequest request, CompletableFuture<Long> outcome) {
            super(timeoutMs);
            this.request = request;
            this.outcome = outcome;
        }

        @Override
        void send(Channel channel, long leftMs) {
            stub(channel, leftMs).barrier(request, onLoop(this::answered));
        }

        private void answered(BarrierResponse answer) {
            keeper.whenCaughtUp(answer.getIndex(), () -> {
                if (remove()) {
                    outcome.complete(answer.getIndex());
                }
            });
        }

        @Override
        boolean isOver(RemoteError failure) {
            return failure.code() == ErrorCode.CLUSTER_ID_MISMATCH;
        }

        @Override
        void end(ErrorCode error, String message) {
            outcome.completeExceptionally(GrpcErrors.exception(error, message, Map.of()));
        }
    }

    private final class VoterChange extends Call {
        private final ChangeVotersRequest request;
        private final CompletableFuture<ChangeVotersResponse> outcome;

        VoterChange(ChangeVotersRequest request, CompletableFuture<ChangeVotersResponse> outcome) {
            super(request.getTimeoutMs());
            this.request = request;
            this.outcome = outcome;
        }

        @Override
        void send(Channel channel, long leftMs) {
            QuorumServiceGrpc.newStub(channel)
                    .withDeadlineAfter(leftMs, TimeUnit.MILLISECONDS)
                    .changeVoters(
                            request.toBuilder().setTimeoutMs(workMs(leftMs)).build(), onLoop(this::answered));
        }

        /** The controller has to give up before this call does, so that its answer says what became of the change. */
        private static int workMs(long leftMs) {
            return (int) Math.max(1, leftMs - Math.min(1_000, leftMs / 4));
        }

        private void answered(ChangeVotersResponse answer) {
            if (remove()) {
                outcome.complete(answer);
            }
        }

        @Override
        boolean isOver(RemoteError failure) {
            return !isNothingDone(failure.code());
        }

        @Override
        void end(ErrorCode error, String message) {
            // A call that broke off may have been carried out; whoever asked looks at the quorum before asking again.
            boolean isUnknown = error == ErrorCode.UNAVAILABLE || error == ErrorCode.REQUEST_TIMED_OUT;
            outcome.completeExceptionally(
                    GrpcErrors.exception(isUnknown ? ErrorCode.OUTCOME_UNKNOWN : error, message, Map.of()));
        }
    }

    private static ControllerServiceGrpc.ControllerServiceStub stub(Channel channel, long leftMs) {
        return ControllerServiceGrpc.newStub(channel).withDeadlineAfter(leftMs, TimeUnit.MILLISECONDS);
    }

    private static boolean isNothingDone(ErrorCode error) {
        return error == ErrorCode.NOT_CONTROLLER || error == ErrorCode.CONTROLLER_UNAVAILABLE;
    }

    CompletableFuture<CommandReply> submit(MetadataCommand command, String clusterId) {
        CompletableFuture<CommandReply> outcome = new CompletableFuture<>();
        ByteString bytes = UnsafeByteOperations.unsafeWrap(CommandCodec.toBytes(command));
        SubmitRequest request = SubmitRequest.newBuilder()
                .setClusterId(clusterId)
                .setCommand(bytes)
                .build();
        if (!loop.tryExecute(() -> new Submission(request, outcome).begin())) {
            outcome.complete(CommandReply.refused(ErrorCode.BUSY, "the metadata loop takes no more work now"));
        }
        return outcome;
    }

    CompletableFuture<Long> barrier(String clusterId) {
        CompletableFuture<Long> outcome = new CompletableFuture<>();
        BarrierRequest request =
                BarrierRequest.newBuilder().setClusterId(clusterId).build();
        if (!loop.tryExecute(() -> new Barrier(request, outcome).begin())) {
            outcome.completeExceptionally(
                    GrpcErrors.exception(ErrorCode.BUSY, "the metadata loop takes no more work now"));
        }
        return outcome;
    }

    /** The request names its own time. */
    CompletableFuture<ChangeVotersResponse> changeVoters(ChangeVotersRequest request) {
        CompletableFuture<ChangeVotersResponse> outcome = new CompletableFuture<>();
        if (!loop.tryExecute(() -> new VoterChange(request, outcome).begin())) {
            outcome.completeExceptionally(
                    GrpcErrors.exception(ErrorCode.BUSY, "the metadata loop takes no more work now"));
        }
        return outcome;
    }

    /** There is a controller: what waited for one goes out at once. */
    void controllerChanged() {
        for (Call call : Set.copyOf(open)) {
            if (call.retry != null) {
                call.retry.cancel();
                call.attempt();
            }
        }
    }

    void close() {
        isClosed = true;
        for (Call call : Set.copyOf(open)) {
            call.finish(ErrorCode.UNAVAILABLE, "the broker is stopping");
        }
    }
}
