package io.lograft.broker.controller;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.PrepareVoterRequest;
import io.lograft.proto.v1.PrepareVoterResponse;
import io.lograft.proto.v1.QuorumServiceGrpc;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of the voters at the controller, one at a time: {@link VoterRules} says what is refused, the quorum does the
 * rest. Each ends within its time. Owned by: controller loop; answers come on it.
 */
final class VoterChanges {
    private static final Logger LOG = LoggerFactory.getLogger(VoterChanges.class);
    private static final long PREPARE_MS_MAX = 15_000;

    private final EventLoop loop;
    private final BrokerId self;
    private final Function<BrokerId, Optional<ManagedChannel>> channels;
    private final Supplier<ClusterImage> image;
    private boolean isBusy;

    VoterChanges(
            BrokerId self,
            EventLoop loop,
            Function<BrokerId, Optional<ManagedChannel>> channels,
            Supplier<ClusterImage> image) {
        this.self = self;
        this.loop = loop;
        this.channels = channels;
        this.image = image;
    }

    /** Makes the broker a voter. */
    void add(ControllerServiceApi.Quorum quorum, BrokerId broker, long timeoutMs, Consumer<CommandReply> done) {
        QuorumStatus status = quorum.status();
        begin(VoterRules.refuseAdding(broker, status, image.get()), done, finish -> {
            long deadlineMs = loop.clock().nowMs() + timeoutMs;
            LOG.info("broker {} is to become a voter", broker);
            prepare(broker, quorum.formation(), Math.min(timeoutMs, PREPARE_MS_MAX), new Prepared() {
                @Override
                public void ready(Voter voter) {
                    VoterSet present = quorum.voters();
                    List<Voter> wanted = new ArrayList<>(present.voters());
                    wanted.add(voter);
                    change(quorum, present, wanted, deadlineMs, finish);
                }

                @Override
                public void failed(RemoteError failure) {
                    finish.accept(CommandReply.refused(
                            codeOf(failure),
                            "broker " + broker + " could not get ready to vote: " + failure.message()));
                }
            });
        });
    }

    private static ErrorCode codeOf(RemoteError failure) {
        return switch (failure.code()) {
            case UNAVAILABLE, REQUEST_TIMED_OUT, BUSY -> ErrorCode.VOTER_NOT_CAUGHT_UP;
            default -> failure.code();
        };
    }

    /** Takes the broker's vote away. Where that is this one, it hands over, and its successor has to be asked. */
    void remove(ControllerServiceApi.Quorum quorum, BrokerId broker, long timeoutMs, Consumer<CommandReply> done) {
        QuorumStatus status = quorum.status();
        begin(VoterRules.refuseRemoving(broker, status), done, finish -> {
            if (broker.equals(self)) {
                leave(quorum, timeoutMs, finish);
                return;
            }
            LOG.info("broker {} is to stop being a voter", broker);
            VoterSet present = quorum.voters();
            List<Voter> wanted = present.voters().stream()
                    .filter(voter -> !voter.address().broker().equals(broker))
                    .toList();
            change(quorum, present, wanted, loop.clock().nowMs() + timeoutMs, finish);
        });
    }

    private void leave(ControllerServiceApi.Quorum quorum, long timeoutMs, Consumer<CommandReply> finish) {
        var unused = quorum.handOver(timeoutMs)
                .thenAccept(isDone -> loop.execute(() -> finish.accept(
                        isDone
                                ? CommandReply.refused(
                                        ErrorCode.NOT_CONTROLLER,
                                        "broker " + self + " has handed over, as it is to be removed itself")
                                : nobodyTookOver())));
    }

    /** Makes the voter, or any other, the controller. */
    void transfer(
            ControllerServiceApi.Quorum quorum, Optional<BrokerId> to, long timeoutMs, Consumer<CommandReply> done) {
        if (to.filter(self::equals).isPresent()) {
            done.accept(CommandReply.OK);
            return;
        }
        QuorumStatus status = quorum.status();
        begin(to.flatMap(broker -> VoterRules.refuseTransfer(broker, status)), done, finish -> {
            CompletableFuture<CommandReply> reply = to.isPresent()
                    ? quorum.transferTo(status.of(to.get()).orElseThrow().voter(), timeoutMs)
                    : quorum.handOver(timeoutMs).thenApply(isDone -> isDone ? CommandReply.OK : nobodyTookOver());
            var unused = reply.thenAccept(outcome -> loop.execute(() -> finish.accept(outcome)));
        });
    }

    private static CommandReply nobodyTookOver() {
        return CommandReply.refused(
                ErrorCode.VOTER_NOT_CAUGHT_UP, "no other voter that answers and has the whole log took over in time");
    }

    private interface Step {
        void run(Consumer<CommandReply> finish);
    }

    private void begin(Optional<CommandReply> refusal, Consumer<CommandReply> done, Step step) {
        if (refusal.isPresent()) {
            done.accept(refusal.get());
        } else if (isBusy) {
            done.accept(CommandReply.refused(
                    ErrorCode.VOTER_CHANGE_IN_PROGRESS, "another change of the voters is under way"));
        } else {
            isBusy = true;
            step.run(reply -> {
                isBusy = false;
                LOG.info("change of the voters: {}", reply.isOk() ? "done" : reply.error() + ": " + reply.message());
                done.accept(reply);
            });
        }
    }

    private void change(
            ControllerServiceApi.Quorum quorum,
            VoterSet present,
            List<Voter> wanted,
            long deadlineMs,
            Consumer<CommandReply> finish) {
        long leftMs = Math.max(1, deadlineMs - loop.clock().nowMs());
        var unused =
                quorum.setVoters(present, wanted, leftMs).thenAccept(reply -> loop.execute(() -> finish.accept(reply)));
    }

    private interface Prepared {
        void ready(Voter voter);

        void failed(RemoteError failure);
    }

    /** What another process says is checked like a request: it must not end this one. */
    private static void answered(PrepareVoterResponse answer, BrokerId broker, Prepared prepared) {
        Voter voter;
        try {
            voter = Voter.parse(answer.getSelf());
        } catch (IllegalArgumentException malformed) {
            prepared.failed(new RemoteError(
                    ErrorCode.INVALID_REQUEST, "its answer makes no sense: " + malformed.getMessage(), Map.of()));
            return;
        }
        if (voter.address().broker().equals(broker)) {
            prepared.ready(voter);
        } else {
            prepared.failed(new RemoteError(ErrorCode.INVALID_REQUEST, "it says that it is " + voter, Map.of()));
        }
    }

    private void prepare(BrokerId broker, List<Voter> formation, long timeoutMs, Prepared prepared) {
        Optional<ManagedChannel> channel = channels.apply(broker);
        if (channel.isEmpty()) {
            prepared.failed(new RemoteError(ErrorCode.UNKNOWN_BROKER, "its address is not known", Map.of()));
            return;
        }
        channel.get().resetConnectBackoff();
        PrepareVoterRequest request = PrepareVoterRequest.newBuilder()
                .addAllFormation(VoterMessages.texts(formation))
                .build();
        QuorumServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
                // The channel may still remember the broker's former process.
                .withWaitForReady()
                .prepareVoter(request, new StreamObserver<>() {
                    private PrepareVoterResponse answer = PrepareVoterResponse.getDefaultInstance();

                    @Override
                    public void onNext(PrepareVoterResponse response) {
                        answer = response;
                    }

                    @Override
                    public void onError(Throwable failure) {
                        loop.execute(() -> prepared.failed(GrpcErrors.of(failure)));
                    }

                    @Override
                    public void onCompleted() {
                        loop.execute(() -> answered(answer, broker, prepared));
                    }
                });
    }
}
