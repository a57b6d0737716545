package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.SessionResponse;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the voters: has {@link VoterWatch} notice one that stands still and carries out what follows, and tells all
 * sessions who the voters are. Owned by: controller loop.
 */
final class QuorumCare {
    private static final Logger LOG = LoggerFactory.getLogger(QuorumCare.class);
    private static final long LOOK_MS = 1_000;
    private static final long STALL_MS = 10_000;
    private static final long HAND_OVER_MS = 5_000;

    private final EventLoop loop;
    private final Consumer<SessionResponse> sessions;
    private final VoterWatch watch = new VoterWatch(STALL_MS);
    private VoterSet voters = VoterSet.UNKNOWN;
    private volatile NavigableSet<BrokerId> stalled = new TreeSet<>();
    private NavigableSet<BrokerId> told = new TreeSet<>();
    private MetadataQuorum quorum;

    /** Tells nobody anything before {@link #quorumStarted}. */
    QuorumCare(EventLoop loop, Consumer<SessionResponse> sessions) {
        this.loop = loop;
        this.sessions = sessions;
        loop.scheduleEvery(LOOK_MS, this::look);
    }

    void quorumStarted(MetadataQuorum started) {
        quorum = started;
    }

    void quorumStopped() {
        quorum = null;
        voters = VoterSet.UNKNOWN;
    }

    /** The members of the quorum are others. */
    void votersChanged(VoterSet now) {
        LOG.info("the voters of the metadata quorum are {}, since index {}", now.voters(), now.index());
        voters = now;
        sessions.accept(message());
    }

    /** What a session is told of the voters; nothing before they are known. */
    Optional<SessionResponse> greeting() {
        return voters.voters().isEmpty() ? Optional.empty() : Optional.of(message());
    }

    private SessionResponse message() {
        return SessionResponse.newBuilder()
                .setVoters(VoterMessages.of(voters, stalled))
                .build();
    }

    /** Voters whose log stands still, as far as is known here. Any thread. */
    NavigableSet<BrokerId> stalled() {
        return stalled;
    }

    private void look() {
        if (quorum == null) {
            return;
        }
        boolean isLeader = quorum.isController();
        for (VoterWatch.Effect effect :
                watch.observe(quorum.status(), isLeader, loop.clock().nowMs())) {
            carryOut(effect);
        }
        stalled = watch.stalled();
        if (isLeader && !told.equals(stalled) && !voters.voters().isEmpty()) {
            told = stalled;
            sessions.accept(message());
        }
    }

    private void carryOut(VoterWatch.Effect effect) {
        switch (effect) {
            case VoterWatch.Effect.Alarm alarm ->
                LOG.error(
                        "voter {} answers, but its metadata log stands still at {} while {} is committed",
                        alarm.voter(),
                        alarm.matchIndex(),
                        alarm.commitIndex());
            case VoterWatch.Effect.HandOver handOver -> {
                LOG.warn("handing over, so that another leader tries to bring voter {} on", handOver.stalled());
                var unused = quorum.handOver(HAND_OVER_MS);
            }
            case VoterWatch.Effect.ReplacementNeeded needed ->
                LOG.error(
                        "voter {} still stands still, another leader did not help. {}",
                        needed.voter(),
                        QuorumFormation.replacement(needed.voter()));
            case VoterWatch.Effect.Recovered recovered ->
                LOG.info("the metadata log of voter {} moves again", recovered.voter());
        }
    }
}
