package io.lograft.broker.cluster;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.FindControllerRequest;
import io.lograft.proto.v1.FindControllerResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks all voters at once who the controller is. Only the one that says "I am" counts: what others believe may be
 * stale, and a controller that is up answers for itself. A voter that is silent holds nobody up: after a moment the
 * round counts as vain and another may begin, though a late answer is still good.
 *
 * <p>Owned by: metadata loop.
 */
final class ControllerFinder {
    private static final long ANSWER_TIMEOUT_MS = 1_000;
    private static final long ROUND_MS = 150;

    private final EventLoop loop;
    private final ControllerChannels channels;
    private final List<VoterAddress> voters;

    ControllerFinder(EventLoop loop, ControllerChannels channels, List<VoterAddress> voters) {
        this.loop = loop;
        this.channels = channels;
        this.voters = voters;
    }

    /**
     * Calls back on the loop: with the controller, at most once; before that, at most once, with nothing, when all voters
     * have answered or the time of the round is over.
     */
    void find(Consumer<Optional<VoterAddress>> callback) {
        Round round = new Round(voters.size(), callback);
        loop.schedule(ROUND_MS, round::timeOver);
        for (VoterAddress voter : voters) {
            ControllerServiceGrpc.newStub(channels.to(voter))
                    .withDeadlineAfter(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .findController(FindControllerRequest.getDefaultInstance(), new StreamObserver<>() {
                        @Override
                        public void onNext(FindControllerResponse answer) {
                            boolean isIt =
                                    answer.getControllerId() == voter.broker().value();
                            loop.execute(() -> round.answered(isIt ? Optional.of(voter) : Optional.empty()));
                        }

                        @Override
                        public void onError(Throwable failure) {
                            loop.execute(() -> round.answered(Optional.empty()));
                        }

                        @Override
                        public void onCompleted() {
                            // The answer came before.
                        }
                    });
        }
    }

    private static final class Round {
        private final Consumer<Optional<VoterAddress>> callback;
        private int missing;
        private boolean isFound;
        private boolean isVain;

        Round(int missing, Consumer<Optional<VoterAddress>> callback) {
            this.missing = missing;
            this.callback = callback;
        }

        void answered(Optional<VoterAddress> controller) {
            missing--;
            if (controller.isPresent() && !isFound) {
                isFound = true;
                callback.accept(controller);
            } else if (missing == 0) {
                timeOver();
            }
        }

        void timeOver() {
            if (!isFound && !isVain) {
                isVain = true;
                callback.accept(Optional.empty());
            }
        }
    }
}
