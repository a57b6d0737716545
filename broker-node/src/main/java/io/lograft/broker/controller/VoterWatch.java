package io.lograft.broker.controller;

import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Notices a voter that answers its leader but whose copy of the log stands still, and decides what to do about it. Every
 * voter has one and looks at its own view of the quorum, so that a new leader knows since when a voter has stood still.
 *
 * <pre>
 * a voter moves              its match or its commit index rises, or it has all that the leader has committed
 * it stands still            it answers, and has lacked something committed for the stall time without moving
 *   then, at the leader      alarm; the leader hands over, as a new leader finds out anew what the voter has
 * it still stands still      the stall time after the term has changed, or after the hand-over came to nothing:
 *                            it needs to be replaced, and an operator is told so
 * </pre>
 *
 * <p>A leader hands over at most once for a voter's stall, so two leaders do not pass leadership to and fro. Times are
 * monotonic milliseconds. Owned by: controller loop.
 */
final class VoterWatch {
    /** What is to be done; only a leader has anything to do. */
    sealed interface Effect {
        /** The voter stands still. */
        record Alarm(BrokerId voter, long matchIndex, long commitIndex) implements Effect {}

        /** Leadership is to move to another voter than the one that stands still. */
        record HandOver(BrokerId stalled) implements Effect {}

        /** Another leader has not helped. */
        record ReplacementNeeded(BrokerId voter) implements Effect {}

        /** It moves again. */
        record Recovered(BrokerId voter) implements Effect {}
    }

    private enum Stage {
        FINE,
        ALARMED,
        TO_BE_REPLACED
    }

    private static final class Track {
        private long index = -1;
        private long lackingSinceMs;
        private Stage stage = Stage.FINE;
        private long alarmTerm;
        private long alarmMs;

        private Track(long nowMs) {
            lackingSinceMs = nowMs;
        }
    }

    private final long stallMs;
    private final NavigableMap<String, Track> tracks = new TreeMap<>();
    private NavigableSet<BrokerId> stalled = new TreeSet<>();

    VoterWatch(long stallMs) {
        this.stallMs = stallMs;
    }

    /** Looks at the quorum as it is now; to be called every second or so. */
    List<Effect> observe(QuorumStatus status, boolean isLeader, long nowMs) {
        List<Effect> effects = new ArrayList<>();
        NavigableSet<BrokerId> standing = new TreeSet<>();
        tracks.keySet()
                .retainAll(status.voters().stream()
                        .map(voter -> voter.voter().raftId())
                        .toList());
        for (QuorumStatus.VoterStatus voter : status.voters()) {
            Track track = tracks.computeIfAbsent(voter.voter().raftId(), id -> new Track(nowMs));
            follow(track, voter, status, isLeader, nowMs, effects);
            if (track.stage != Stage.FINE) {
                standing.add(voter.broker());
            }
        }
        stalled = standing;
        return isLeader ? effects : List.of();
    }

    /** The voters that stand still. */
    NavigableSet<BrokerId> stalled() {
        return stalled;
    }

    private void follow(
            Track track,
            QuorumStatus.VoterStatus voter,
            QuorumStatus status,
            boolean isLeader,
            long nowMs,
            List<Effect> effects) {
        long index = Math.max(voter.matchIndex(), voter.commitIndex());
        // Silence is another trouble, with another cure: the voter is down or cut off. Only the leader hears of it.
        boolean isSilent = isLeader && !voter.isHeard();
        if (index > track.index || index >= status.commitIndex() || isSilent) {
            track.index = Math.max(index, track.index);
            track.lackingSinceMs = nowMs;
            if (track.stage != Stage.FINE && !isSilent) {
                track.stage = Stage.FINE;
                effects.add(new Effect.Recovered(voter.broker()));
            }
            return;
        }
        switch (track.stage) {
            case FINE -> {
                if (nowMs - track.lackingSinceMs >= stallMs) {
                    track.stage = Stage.ALARMED;
                    track.alarmTerm = status.term();
                    track.alarmMs = nowMs;
                    effects.add(new Effect.Alarm(voter.broker(), voter.matchIndex(), status.commitIndex()));
                    effects.add(new Effect.HandOver(voter.broker()));
                }
            }
            case ALARMED -> {
                if (status.term() != track.alarmTerm) {
                    // The new leader gets its time.
                    track.alarmTerm = status.term();
                    track.alarmMs = nowMs;
                } else if (nowMs - track.alarmMs >= stallMs) {
                    track.stage = Stage.TO_BE_REPLACED;
                    effects.add(new Effect.ReplacementNeeded(voter.broker()));
                }
            }
            case TO_BE_REPLACED -> {}
        }
    }
}
