package io.lograft.broker.cluster;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.FindControllerRequest;
import io.lograft.proto.v1.FindControllerResponse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks all voters at once who the controller is: those that the configuration names and those that a broker has told of
 * since. Only the one that says "I am" counts: what others believe may be stale, and a controller that is up answers for
 * itself. A voter that is none waits a little before it says so, and answers the moment it becomes it. One that is silent
 * holds nobody up: after a moment the round counts as vain and another may begin, though a late answer is still good.
 *
 * <p>A controller of another cluster counts only where nobody of this cluster answers: one voter that was started anew
 * with an old configuration must not draw the brokers of a running cluster away.
 *
 * <p>Owned by: metadata loop.
 */
final class ControllerFinder {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerFinder.class);
    private static final long ANSWER_TIMEOUT_MS = 1_000;
    private static final long ROUND_MS = 150;
    /** Longer than a round and the pause after it, so that somebody always waits at each voter. */
    private static final int WAIT_MS = 300;

    private final EventLoop loop;
    private final ControllerChannels channels;
    private final List<VoterAddress> configured;
    private volatile VoterSet learned = VoterSet.UNKNOWN;

    ControllerFinder(EventLoop loop, ControllerChannels channels, List<VoterAddress> configured) {
        this.loop = loop;
        this.channels = channels;
        this.configured = configured;
    }

    /** The voters as heard of last. Any thread. */
    VoterSet learned() {
        return learned;
    }

    /** A broker told who the voters are. */
    void learn(VoterSet voters) {
        if (!voters.voters().isEmpty() && voters.index() >= learned.index()) {
            learned = voters;
        }
    }

    /**
     * Calls back on the loop: with the controller, at most once; before that, at most once, with nothing, when all voters
     * have answered or the time of the round is over.
     */
    void find(String clusterId, Consumer<Optional<VoterAddress>> callback) {
        Set<VoterAddress> voters = new LinkedHashSet<>(learned.addresses());
        voters.addAll(configured);
        Round round = new Round(clusterId, voters.size(), callback);
        loop.schedule(ROUND_MS, round::timeOver);
        for (VoterAddress voter : voters) {
            ControllerServiceGrpc.newStub(channels.to(voter))
                    .withDeadlineAfter(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                    .findController(
                            FindControllerRequest.newBuilder()
                                    .setWaitMs(WAIT_MS)
                                    .build(),
                            new StreamObserver<>() {
                                @Override
                                public void onNext(FindControllerResponse answer) {
                                    loop.execute(() -> round.answered(voter, answer));
                                }

                                @Override
                                public void onError(Throwable failure) {
                                    loop.execute(round::failed);
                                }

                                @Override
                                public void onCompleted() {
                                    // The answer came before.
                                }
                            });
        }
    }

    private final class Round {
        private final String clusterId;
        private final Consumer<Optional<VoterAddress>> callback;
        private Optional<VoterAddress> stranger = Optional.empty();
        private boolean isOwnClusterUp;
        private int missing;
        private boolean isFound;
        private boolean isVain;

        Round(String clusterId, int missing, Consumer<Optional<VoterAddress>> callback) {
            this.clusterId = clusterId;
            this.missing = missing;
            this.callback = callback;
        }

        void answered(VoterAddress voter, FindControllerResponse answer) {
            boolean isController = answer.getControllerId() == voter.broker().value();
            boolean isOther = !clusterId.isEmpty()
                    && !answer.getClusterId().isEmpty()
                    && !answer.getClusterId().equals(clusterId);
            if (isOther) {
                LOG.warn("{} is of cluster {}, this broker of {}", voter, answer.getClusterId(), clusterId);
                stranger = isController ? Optional.of(voter) : stranger;
                failed();
                return;
            }
            isOwnClusterUp |= !answer.getClusterId().isEmpty();
            learnFrom(answer);
            if (isController) {
                found(Optional.of(voter));
            }
            failed();
        }

        private void learnFrom(FindControllerResponse answer) {
            try {
                learn(VoterSet.parse(
                        answer.getVoters().getIndex(), answer.getVoters().getVotersList()));
            } catch (IllegalArgumentException malformed) {
                LOG.warn("a broker named voters that make no sense: {}", malformed.getMessage());
            }
        }

        void failed() {
            missing--;
            if (missing > 0) {
                return;
            }
            if (isOwnClusterUp || stranger.isEmpty()) {
                timeOver();
            } else {
                found(stranger);
            }
        }

        private void found(Optional<VoterAddress> controller) {
            if (!isFound) {
                isFound = true;
                callback.accept(controller);
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
