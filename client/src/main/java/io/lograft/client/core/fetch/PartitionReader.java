package io.lograft.client.core.fetch;

import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import java.util.List;

/**
 * Where one partition is read from, and of whom. Whatever breaks, reading goes on at the offset behind the last batch
 * received, under a new number, so that nothing is read twice or left out; data that carry an older number are dropped.
 *
 * <pre>
 * IDLE       nothing to read: not positioned yet, paused, or an error is with the application
 * LOOKING_UP an end of the log was asked for
 * WAITING    positioned, but there is no leader or a pause between attempts
 * READING    assigned to the leader
 * </pre>
 *
 * <p>Owned by: client loop.
 */
public final class PartitionReader {
    private static final int NO_LEADER = -1;
    private static final int FAILURES_TO_SUSPECT = 4;

    private enum State {
        IDLE,
        LOOKING_UP,
        WAITING,
        READING
    }

    private final OffsetReset outOfRange;
    private State state = State.IDLE;
    private int leader = NO_LEADER;
    private int leaderEpoch = -1;
    private int assignedTo = NO_LEADER;
    private long offset;
    private int lastReadEpoch = -1;
    private long number;
    private int failures;
    private long blockedUntilMs = Long.MIN_VALUE;

    /**
     * Makes a reader that waits for its first position.
     *
     * @param outOfRange where to go from an offset that does not exist; null: report it
     * @param firstNumber above all numbers that readers of the same partition had before, as their data may still come
     */
    public PartitionReader(OffsetReset outOfRange, long firstNumber) {
        this.outOfRange = outOfRange;
        this.number = firstNumber;
    }

    /** Number of the newest assignment; data with another one are to be dropped. */
    public long number() {
        return number;
    }

    /** Takes an event in, and adds what is to be done to {@code effects}. */
    public void on(ReaderEvent event, long nowMs, List<ReaderEffect> effects) {
        if (event instanceof ReaderEvent.LeaderIs leaderIs) {
            onLeader(leaderIs, effects);
        } else if (event instanceof ReaderEvent.Seek seek) {
            startAt(seek.offset(), seek.lastReadEpoch(), effects);
        } else if (event instanceof ReaderEvent.SeekTo seekTo) {
            lookUp(seekTo.end(), effects);
        } else if (event instanceof ReaderEvent.Found found) {
            onFound(found, effects);
        } else if (event instanceof ReaderEvent.Fetched fetched) {
            onFetched(fetched);
        } else if (event instanceof ReaderEvent.Refused refused) {
            onRefused(refused, nowMs, effects);
        } else if (event instanceof ReaderEvent.StreamBroken broken) {
            onStreamBroken(broken, nowMs, effects);
        } else if (event instanceof ReaderEvent.Pause) {
            stop(State.IDLE, effects);
        } else if (event instanceof ReaderEvent.Resume resume) {
            startAt(resume.offset(), lastReadEpoch, effects);
        }
        assignIfPossible(nowMs, effects);
    }

    private void onLeader(ReaderEvent.LeaderIs now, List<ReaderEffect> effects) {
        if (now.epoch() < leaderEpoch || (now.broker() == leader && now.epoch() == leaderEpoch)) {
            return;
        }
        leader = now.broker();
        leaderEpoch = now.epoch();
        if (leader != NO_LEADER) {
            blockedUntilMs = Long.MIN_VALUE;
            if (state == State.READING) {
                stop(State.WAITING, effects);
            }
        }
    }

    private void startAt(long newOffset, int newLastReadEpoch, List<ReaderEffect> effects) {
        stop(State.WAITING, effects);
        offset = newOffset;
        lastReadEpoch = newLastReadEpoch;
        blockedUntilMs = Long.MIN_VALUE;
    }

    private void lookUp(OffsetReset end, List<ReaderEffect> effects) {
        stop(State.LOOKING_UP, effects);
        effects.add(new ReaderEffect.LookUp(end, number));
    }

    private void onFound(ReaderEvent.Found found, List<ReaderEffect> effects) {
        if (state == State.LOOKING_UP && found.number() == number) {
            effects.add(new ReaderEffect.Positioned(found.offset()));
            startAt(found.offset(), -1, effects);
        }
    }

    private void onFetched(ReaderEvent.Fetched fetched) {
        if (state == State.READING && fetched.number() == number) {
            offset = Math.max(offset, fetched.nextOffset());
            lastReadEpoch = fetched.lastEpoch();
            failures = 0;
        }
    }

    private void onRefused(ReaderEvent.Refused refused, long nowMs, List<ReaderEffect> effects) {
        if (state != State.READING || refused.number() != number) {
            return;
        }
        assignedTo = NO_LEADER; // The leader has forgotten the partition already.
        ErrorCode code = refused.failure().code();
        if (code == ErrorCode.OFFSET_OUT_OF_RANGE && outOfRange != null) {
            lookUp(outOfRange, effects);
        } else if (code.isRetriable()) {
            state = State.WAITING;
            backOff(nowMs, effects);
        } else {
            stop(State.IDLE, effects);
            effects.add(new ReaderEffect.Report(refused.failure()));
        }
    }

    private void onStreamBroken(ReaderEvent.StreamBroken broken, long nowMs, List<ReaderEffect> effects) {
        if (state == State.READING && assignedTo == broken.broker()) {
            assignedTo = NO_LEADER;
            state = State.WAITING;
            backOff(nowMs, effects);
        }
    }

    private void backOff(long nowMs, List<ReaderEffect> effects) {
        failures++;
        blockedUntilMs = nowMs + RetryPolicy.REQUESTS.delayMs(failures);
        effects.add(new ReaderEffect.WakeAt(blockedUntilMs));
        if (failures % FAILURES_TO_SUSPECT == 0) {
            effects.add(new ReaderEffect.SuspectBroker(leader));
        }
    }

    /** Ends the present assignment; what is still on its way is dropped by its number. */
    private void stop(State next, List<ReaderEffect> effects) {
        if (assignedTo != NO_LEADER) {
            effects.add(new ReaderEffect.Unassign(assignedTo));
            assignedTo = NO_LEADER;
        }
        number++;
        state = next;
    }

    private void assignIfPossible(long nowMs, List<ReaderEffect> effects) {
        if (state == State.WAITING && leader != NO_LEADER && nowMs >= blockedUntilMs) {
            number++;
            assignedTo = leader;
            state = State.READING;
            effects.add(new ReaderEffect.Assign(leader, offset, leaderEpoch, lastReadEpoch, number));
        }
    }
}
