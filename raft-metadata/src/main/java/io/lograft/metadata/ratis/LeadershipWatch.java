package io.lograft.metadata.ratis;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns Ratis' notices, which come from several threads in no certain order, into the calls of {@link
 * LeadershipListener}: each notice, and a timer, make it look at the server's present state. Also writes the periodic
 * empty command and triggers the periodic checkpoint, and has the first controller form the cluster.
 *
 * <p>Owned by: its own thread; {@link #lookSoon} and {@link #isController} may be called on any.
 */
final class LeadershipWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeadershipWatch.class);
    private static final long LOOK_PERIOD_MS = 500;
    private static final long NO_TERM = -1;

    private final MetadataQuorum quorum;
    private final LeadershipListener listener;
    private final QuorumTimings timings;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("metadata-leadership").daemon(true).factory());

    /** The term that the listener was told of, {@link #NO_TERM} for none. */
    private volatile long term = NO_TERM;

    private volatile boolean isStarted;
    private boolean isForming;
    private VoterSet toldVoters = VoterSet.UNKNOWN;

    LeadershipWatch(MetadataQuorum quorum, LeadershipListener listener, QuorumTimings timings) {
        this.quorum = quorum;
        this.listener = listener;
        this.timings = timings;
    }

    void start() {
        isStarted = true;
        repeat(LOOK_PERIOD_MS, this::look);
        repeat(timings.noOpPeriodMs(), this::writeNoOp);
        repeat(timings.snapshotPeriodMs(), this::makeCheckpoint);
        lookSoon();
    }

    private void repeat(long periodMs, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(() -> guarded(task), periodMs, periodMs, TimeUnit.MILLISECONDS);
    }

    /** A server that is closing throws; the next look sees what became of it. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.warn("cannot look after the Raft server", e);
        }
    }

    boolean isController() {
        return term != NO_TERM;
    }

    /** Something about leadership may have changed. */
    void lookSoon() {
        if (!isStarted) {
            return;
        }
        try {
            thread.execute(() -> guarded(this::look));
        } catch (RejectedExecutionException closed) {
            LOG.debug("closed before a change of leadership was looked at", closed);
        }
    }

    private void look() {
        RaftView raft = quorum.raft();
        long termNow = raft.isLeaderReady() ? raft.term() : NO_TERM;
        if (term != NO_TERM && term != termNow) {
            LOG.info("not the controller of term {} any more", term);
            term = NO_TERM;
            toldVoters = VoterSet.UNKNOWN;
            listener.lostController();
        }
        if (term != NO_TERM) {
            tellVoters();
        }
        if (termNow != NO_TERM && term == NO_TERM) {
            take(termNow);
        }
    }

    private void take(long termNow) {
        if (quorum.image().clusterId().isEmpty()) {
            formCluster();
            return;
        }
        LOG.info("controller of term {}, with {}", termNow, quorum.image());
        tellVoters();
        term = termNow;
        listener.becameController(termNow);
    }

    private void tellVoters() {
        // With a new index although the voters are the same: one that was removed compares it with its own.
        quorum.raft()
                .settledVoters()
                .filter(voters -> !voters.equals(toldVoters))
                .ifPresent(voters -> {
                    toldVoters = voters;
                    listener.votersChanged(voters);
                });
    }

    private void formCluster() {
        if (isForming) {
            return;
        }
        isForming = true;
        var unused = quorum.submit(quorum.formCluster()).whenComplete((reply, failure) -> {
            try {
                thread.execute(() -> guarded(() -> formed(reply, failure)));
            } catch (RejectedExecutionException closed) {
                LOG.debug("closed while the cluster was formed", closed);
            }
        });
    }

    private void formed(CommandReply reply, Throwable failure) {
        isForming = false;
        if (failure == null && reply.isOk()) {
            look();
        } else {
            LOG.warn("cannot form the cluster yet: {}", failure == null ? reply : failure);
        }
    }

    private void writeNoOp() {
        if (isController()) {
            var unused = quorum.submit(new MetadataCommand.NoOp()).whenComplete((reply, failure) -> {
                if (failure != null || !reply.isOk()) {
                    LOG.warn("the periodic empty command was not committed: {}", failure == null ? reply : failure);
                }
            });
        }
    }

    private void makeCheckpoint() {
        var unused = quorum.checkpoint().whenComplete((index, failure) -> {
            if (failure != null) {
                LOG.warn("no checkpoint of the metadata was made", failure);
            }
        });
    }

    @Override
    public void close() {
        thread.execute(() -> {
            if (term != NO_TERM) {
                term = NO_TERM;
                listener.lostController();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("the leadership thread does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
