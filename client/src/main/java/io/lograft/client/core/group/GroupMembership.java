package io.lograft.client.core.group;

import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A member of a group whose coordinator assigns. It says in each heartbeat all about itself, and lets the coordinator
 * keep the answer until there is something new. Partitions that it is asked to give up it keeps naming until the
 * application has stopped to read them; the others are read on meanwhile.
 *
 * <pre>
 * OUT       not subscribed, or failed
 * JOINING   no answer yet to a heartbeat with epoch 0
 * STABLE    reads what the coordinator answered last
 * REVOKING  the application has not given up yet what the coordinator asked for
 * LEAVING   no answer yet to a heartbeat that leaves
 * STALE     out of the group because the application did not poll; joins when it does
 * </pre>
 *
 * <p>Owned by: client loop.
 */
public final class GroupMembership implements Membership {
    /** Epoch of the heartbeat that joins. */
    public static final int JOIN = NO_EPOCH;
    /** Epoch of the heartbeat that leaves. */
    public static final int LEAVE = -1;
    /** Epoch of the heartbeat by which a static member leaves, with its partitions kept for a while. */
    public static final int LEAVE_FOR_A_WHILE = -2;

    private static final long INTERVAL_MS_BEFORE_THE_FIRST_ANSWER = 3_000;
    private static final int LEAVE_ATTEMPTS_MAX = 5;
    /** A coordinator that does not keep an answer although nothing is new is asked again no sooner than this. */
    private static final long QUIET_MS = 200;

    private enum State {
        OUT,
        JOINING,
        STABLE,
        REVOKING,
        LEAVING,
        STALE
    }

    private final MembershipConfig config;
    private final PollPatience patience;
    private State state = State.OUT;
    /** Where to go once it has left. */
    private State afterLeaving = State.OUT;

    private Subscription subscription;
    private int epoch;
    private long stay;
    /** What the application reads, or has not given up completely. */
    private final Set<PartitionId> owned = new TreeSet<>();
    /** Those of them that it was asked to give up. */
    private final Set<PartitionId> givingUp = new TreeSet<>();

    private long number;
    private long answeredNumber;
    private boolean isInFlight;
    private long sentMs;
    private long sendDueMs;
    private long intervalMs = INTERVAL_MS_BEFORE_THE_FIRST_ANSWER;
    private int failures;

    /** Makes a member that has not joined. */
    public GroupMembership(MembershipConfig config) {
        this.config = config;
        this.patience = new PollPatience(config.maxPollIntervalMs());
    }

    @Override
    public String memberId() {
        return config.memberId();
    }

    @Override
    public int memberEpoch() {
        return state == State.STABLE || state == State.REVOKING ? epoch : JOIN;
    }

    @Override
    public boolean isStale() {
        return state == State.STALE || (state == State.LEAVING && afterLeaving == State.STALE);
    }

    @Override
    public long dueMs(long nowMs) {
        long dueMs = isInFlight || state == State.OUT || state == State.STALE ? Long.MAX_VALUE : sendDueMs;
        if (isMember()) {
            dueMs = Math.min(dueMs, patience.endMs(nowMs));
        }
        return dueMs;
    }

    @Override
    public void on(GroupEvent event, long nowMs, List<GroupEffect> effects) {
        if (event instanceof GroupEvent.Subscribed subscribed) {
            onSubscribed(subscribed.subscription(), nowMs);
        } else if (event instanceof GroupEvent.Unsubscribed) {
            onUnsubscribed(nowMs, effects);
        } else if (event instanceof GroupEvent.Answered answered) {
            onAnswered(answered, nowMs, effects);
        } else if (event instanceof GroupEvent.Refused refused) {
            onRefused(refused, nowMs, effects);
        } else if (event instanceof GroupEvent.GaveUp gaveUp) {
            onGaveUp(gaveUp, nowMs);
        } else if (event instanceof GroupEvent.PollsAgain) {
            onPollsAgain(nowMs);
        } else if (event instanceof GroupEvent.Tick tick) {
            onTick(tick, nowMs, effects);
        }
        sendIfDue(nowMs, effects);
    }

    private boolean isMember() {
        return state == State.JOINING || state == State.STABLE || state == State.REVOKING;
    }

    private void onSubscribed(Subscription wanted, long nowMs) {
        subscription = wanted;
        if (state == State.LEAVING) {
            afterLeaving = State.JOINING;
        } else if (isMember()) {
            sendAnew(nowMs);
        } else {
            join(nowMs);
        }
    }

    private void onUnsubscribed(long nowMs, List<GroupEffect> effects) {
        if (isMember()) {
            leave(State.OUT, nowMs);
        } else if (state == State.LEAVING) {
            afterLeaving = State.OUT;
        } else {
            state = State.OUT;
            effects.add(GroupEffect.Left.INSTANCE);
        }
    }

    private void onPollsAgain(long nowMs) {
        if (state == State.STALE) {
            join(nowMs);
        } else if (state == State.LEAVING && afterLeaving == State.STALE) {
            afterLeaving = State.JOINING;
        }
    }

    private void onTick(GroupEvent.Tick tick, long nowMs, List<GroupEffect> effects) {
        patience.note(tick);
        if (patience.isOver(nowMs) && isMember()) {
            loseAll(effects);
            leave(State.STALE, nowMs);
        }
    }

    private void join(long nowMs) {
        state = State.JOINING;
        epoch = JOIN;
        stay++;
        answeredNumber = number; // What was sent in the stay before counts no more.
        failures = 0;
        patience.reset();
        sendAnew(nowMs);
    }

    private void leave(State after, long nowMs) {
        state = State.LEAVING;
        afterLeaving = after;
        epoch = config.isStatic() ? LEAVE_FOR_A_WHILE : LEAVE;
        owned.clear();
        givingUp.clear();
        failures = 0;
        sendAnew(nowMs);
    }

    private void onAnswered(GroupEvent.Answered answer, long nowMs, List<GroupEffect> effects) {
        if (answer.number() <= answeredNumber) {
            return;
        }
        if (state == State.LEAVING) {
            if (answer.number() == number) {
                left(nowMs, effects);
            }
        } else if (isMember()) {
            answeredNumber = answer.number();
            isInFlight &= answer.number() != number;
            failures = 0;
            intervalMs = Math.max(1, answer.intervalMs());
            take(answer, nowMs, effects);
        }
    }

    private void left(long nowMs, List<GroupEffect> effects) {
        isInFlight = false;
        if (afterLeaving == State.JOINING) {
            join(nowMs);
            return;
        }
        state = afterLeaving;
        if (state == State.OUT) {
            effects.add(GroupEffect.Left.INSTANCE);
        }
    }

    /** The answer may be that to an earlier heartbeat than the newest; it is what the coordinator knew then. */
    private void take(GroupEvent.Answered answer, long nowMs, List<GroupEffect> effects) {
        Set<PartitionId> added = new TreeSet<>(answer.assignment());
        added.removeAll(owned);
        Set<PartitionId> revoked = new TreeSet<>(owned);
        revoked.removeAll(answer.assignment());
        revoked.removeAll(givingUp);
        boolean isNew = epoch != answer.memberEpoch() || !added.isEmpty() || !revoked.isEmpty();
        boolean wasJoining = state == State.JOINING;
        epoch = answer.memberEpoch();
        owned.addAll(added);
        givingUp.addAll(revoked);
        state = givingUp.isEmpty() ? State.STABLE : State.REVOKING;
        if (!revoked.isEmpty()) {
            effects.add(new GroupEffect.Revoke(stay, revoked));
        }
        if (!added.isEmpty()) {
            effects.add(new GroupEffect.Assign(stay, added));
        }
        if (state == State.REVOKING) {
            sendDueMs = nowMs + intervalMs;
        } else {
            sendDueMs = isNew || wasJoining ? nowMs : Math.max(nowMs, sentMs + Math.min(QUIET_MS, intervalMs));
        }
    }

    private void onGaveUp(GroupEvent.GaveUp gaveUp, long nowMs) {
        if (gaveUp.stay() != stay || !isMember()) {
            return;
        }
        owned.removeAll(gaveUp.partitions());
        givingUp.removeAll(gaveUp.partitions());
        if (state == State.REVOKING && givingUp.isEmpty()) {
            state = State.STABLE;
            sendAnew(nowMs);
        }
    }

    private void onRefused(GroupEvent.Refused refused, long nowMs, List<GroupEffect> effects) {
        if (refused.number() != number || !isInFlight) {
            return;
        }
        isInFlight = false;
        Failure failure = refused.failure();
        if (state == State.LEAVING) {
            if (failure.code().isRetriable() && failures + 1 < LEAVE_ATTEMPTS_MAX) {
                backOff(nowMs);
            } else {
                left(nowMs, effects);
            }
        } else if (isExpelled(failure.code())) {
            boolean isRepeated = state == State.JOINING;
            loseAll(effects);
            if (isRepeated) {
                backOff(nowMs);
            } else {
                join(nowMs);
            }
        } else if (failure.code().isRetriable()) {
            backOff(nowMs);
        } else {
            loseAll(effects);
            state = State.OUT;
            effects.add(new GroupEffect.Fail(failure));
        }
    }

    private static boolean isExpelled(ErrorCode code) {
        return code == ErrorCode.UNKNOWN_MEMBER || code == ErrorCode.ILLEGAL_GENERATION;
    }

    private void loseAll(List<GroupEffect> effects) {
        if (!owned.isEmpty()) {
            effects.add(new GroupEffect.Lose(owned));
        }
        owned.clear();
        givingUp.clear();
    }

    private void backOff(long nowMs) {
        failures++;
        sendDueMs = nowMs + RetryPolicy.REQUESTS.delayMs(failures);
    }

    /** The heartbeat on its way, if any, does not say any more how things are. */
    private void sendAnew(long nowMs) {
        isInFlight = false;
        sendDueMs = nowMs;
    }

    private void sendIfDue(long nowMs, List<GroupEffect> effects) {
        boolean isTalking = state != State.OUT && state != State.STALE;
        if (!isTalking || isInFlight || nowMs < sendDueMs) {
            return;
        }
        number++;
        isInFlight = true;
        sentMs = nowMs;
        long waitMs = state == State.STABLE ? intervalMs : 0;
        effects.add(new GroupEffect.Send(number, epoch, subscription, owned, waitMs));
    }
}
