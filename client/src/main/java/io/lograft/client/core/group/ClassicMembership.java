package io.lograft.client.core.group;

import io.lograft.client.assign.Assignor;
import io.lograft.client.assign.MemberSubscription;
import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A member of a group of the classic protocol, in which one of the members assigns. When the group rebalances, it gives
 * all partitions up before it joins again; with cooperative assignors only it reads on instead, gives up what the new
 * assignment takes from it, and then joins once more, so that others get that.
 *
 * <pre>
 * OUT       not subscribed, or failed
 * JOINING   no answer yet to a join
 * SYNCING   joined, but not assigned
 * STABLE    assigned; sends heartbeats, also while the application gives partitions up
 * LEAVING   no answer yet to a leave
 * STALE     out of the group because the application did not poll; joins when it does
 * </pre>
 *
 * <p>Owned by: client loop.
 */
public final class ClassicMembership implements Membership {
    private static final int LEAVE_ATTEMPTS_MAX = 5;

    private enum State {
        OUT,
        JOINING,
        SYNCING,
        STABLE,
        LEAVING,
        STALE
    }

    private final MembershipConfig config;
    private final PollPatience patience;
    private final List<Assignor> assignors;
    private final boolean isCooperative;
    private final long heartbeatMs;
    private State state = State.OUT;
    /** Where to go once it has left. */
    private State afterLeaving = State.OUT;

    private Subscription subscription;
    private ClusterView view = ClusterView.EMPTY;
    private String memberId = "";
    private int generation = NO_EPOCH;
    private long stay = 1;
    private final Map<TopicPartition, PartitionId> owned = new TreeMap<>();
    private final Set<PartitionId> givingUp = new TreeSet<>();
    /** Assigned, but not known to the metadata yet. */
    private final Set<TopicPartition> unknown = new TreeSet<>();
    /** Joins again as soon as all is given up. */
    private boolean isJoinDue;
    /** What it told at its last join. */
    private Set<String> joinedTopics = Set.of();
    /** As the leader: what the topics of all members looked like when it assigned; else null. */
    private Map<String, Seen> assignedTopics;

    private Set<String> groupTopics = Set.of();
    /** What to bring to the coordinator with the sync. */
    private Map<String, List<TopicPartition>> assignments = Map.of();

    private long number;
    private boolean isInFlight;
    private long sendDueMs;
    private int failures;

    /** What of a topic decides about its assignment. */
    private record Seen(TopicId id, int partitionCount) {}

    /** Makes a member that has not joined; it offers the assignors in this order. */
    public ClassicMembership(MembershipConfig config, List<Assignor> assignors, long heartbeatMs) {
        if (assignors.isEmpty()) {
            throw new IllegalArgumentException("a member of the classic protocol needs an assignor");
        }
        this.config = config;
        this.patience = new PollPatience(config.maxPollIntervalMs());
        this.assignors = List.copyOf(assignors);
        this.isCooperative = assignors.stream().allMatch(Assignor::isCooperative);
        this.heartbeatMs = heartbeatMs;
    }

    @Override
    public String memberId() {
        return memberId;
    }

    @Override
    public int memberEpoch() {
        return isMember() ? generation : NO_EPOCH;
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
            onSubscribed(subscribed.subscription(), nowMs, effects);
        } else if (event instanceof GroupEvent.Unsubscribed) {
            onUnsubscribed(nowMs, effects);
        } else if (event instanceof GroupEvent.Joined joined) {
            onJoined(joined, nowMs);
        } else if (event instanceof GroupEvent.Synced synced) {
            onSynced(synced, nowMs, effects);
        } else if (event instanceof GroupEvent.Heard heard) {
            onHeard(heard, nowMs, effects);
        } else if (event instanceof GroupEvent.Refused refused) {
            onRefused(refused, nowMs, effects);
        } else if (event instanceof GroupEvent.GaveUp gaveUp) {
            onGaveUp(gaveUp, nowMs);
        } else if (event instanceof GroupEvent.ViewChanged changed) {
            view = changed.view();
            assignKnown(effects);
            rejoinIfOutdated(nowMs, effects);
        } else if (event instanceof GroupEvent.PollsAgain) {
            onPollsAgain(nowMs);
        } else if (event instanceof GroupEvent.Tick tick) {
            onTick(tick, nowMs, effects);
        }
        sendIfDue(nowMs, effects);
    }

    private boolean isMember() {
        return state == State.JOINING || state == State.SYNCING || state == State.STABLE;
    }

    private void onSubscribed(Subscription wanted, long nowMs, List<GroupEffect> effects) {
        subscription = wanted;
        if (state == State.LEAVING) {
            afterLeaving = State.JOINING;
        } else if (state == State.STABLE) {
            rejoin(nowMs, effects);
        } else if (!isMember()) {
            joinAnew(nowMs);
        } // Else: looked at once it is stable.
    }

    private void onUnsubscribed(long nowMs, List<GroupEffect> effects) {
        if (isMember()) {
            leave(State.OUT, nowMs, effects);
        } else if (state == State.LEAVING) {
            afterLeaving = State.OUT;
        } else {
            state = State.OUT;
            effects.add(GroupEffect.Left.INSTANCE);
        }
    }

    private void onPollsAgain(long nowMs) {
        if (state == State.STALE) {
            joinAnew(nowMs);
        } else if (isStale()) {
            afterLeaving = State.JOINING;
        }
    }

    private void onTick(GroupEvent.Tick tick, long nowMs, List<GroupEffect> effects) {
        patience.note(tick);
        if (patience.isOver(nowMs) && isMember()) {
            loseAll(effects);
            leave(State.STALE, nowMs, effects);
        }
    }

    private void joinAnew(long nowMs) {
        patience.reset();
        failures = 0;
        join(nowMs);
    }

    private void join(long nowMs) {
        state = State.JOINING;
        isJoinDue = false;
        sendAnew(nowMs);
    }

    /** A static member leaves nothing: its place is kept until its session is over. */
    private void leave(State after, long nowMs, List<GroupEffect> effects) {
        boolean isJoining = state == State.JOINING && memberId.isEmpty();
        forgetAssignment();
        generation = NO_EPOCH;
        failures = 0;
        afterLeaving = after;
        state = State.LEAVING;
        if (config.isStatic()) {
            left(nowMs, effects);
        } else if (!isJoining) {
            sendAnew(nowMs);
        } // Else: the coordinator is about to tell the id to leave with.
    }

    private void left(long nowMs, List<GroupEffect> effects) {
        isInFlight = false;
        memberId = "";
        if (afterLeaving == State.JOINING) {
            joinAnew(nowMs);
            return;
        }
        state = afterLeaving;
        if (state == State.OUT) {
            effects.add(GroupEffect.Left.INSTANCE);
        }
    }

    // ---- joining

    private void onJoined(GroupEvent.Joined joined, long nowMs) {
        if (joined.number() != number || !isInFlight) {
            return;
        }
        memberId = joined.memberId();
        failures = 0;
        sendAnew(nowMs);
        if (state == State.JOINING) {
            generation = joined.generation();
            state = State.SYNCING;
            assignedTopics = null;
            assignments = Map.of();
            if (joined.leaderId().equals(memberId)) {
                assign(joined);
            }
        }
    }

    /** As the leader. */
    private void assign(GroupEvent.Joined joined) {
        groupTopics = new TreeSet<>();
        joined.members().values().forEach(member -> groupTopics.addAll(member.topics()));
        assignedTopics = seen(groupTopics);
        if (joined.skipsAssignment()) {
            return;
        }
        Map<String, Integer> counts = new HashMap<>();
        assignedTopics.forEach((topic, seen) -> counts.put(topic, seen.partitionCount()));
        assignments = assignors.stream()
                .filter(assignor -> assignor.name().equals(joined.assignor()))
                .findFirst()
                .map(assignor -> assignor.assign(counts, joined.members()))
                .orElse(Map.of()); // Cannot be: only what all members offer is chosen.
    }

    private Map<String, Seen> seen(Set<String> topics) {
        Map<String, Seen> seen = new TreeMap<>();
        for (String topic : topics) {
            view.topic(topic)
                    .ifPresent(found -> seen.put(
                            topic, new Seen(found.id(), found.partitions().size())));
        }
        return seen;
    }

    private void onSynced(GroupEvent.Synced synced, long nowMs, List<GroupEffect> effects) {
        if (synced.number() != number || !isInFlight || state != State.SYNCING) {
            return;
        }
        state = State.STABLE;
        isInFlight = false;
        failures = 0;
        sendDueMs = nowMs + heartbeatMs;
        unknown.clear();
        unknown.addAll(synced.partitions());
        Set<PartitionId> kept = new HashSet<>();
        for (TopicPartition partition : synced.partitions()) {
            idOf(partition).ifPresent(kept::add);
        }
        Set<PartitionId> revoked = new TreeSet<>(owned.values());
        revoked.removeAll(kept);
        revoke(revoked, effects);
        isJoinDue = !revoked.isEmpty();
        assignKnown(effects);
        rejoinIfOutdated(nowMs, effects);
    }

    private void revoke(Set<PartitionId> partitions, List<GroupEffect> effects) {
        Set<PartitionId> fresh = new TreeSet<>(partitions);
        fresh.removeAll(givingUp);
        givingUp.addAll(fresh);
        if (!fresh.isEmpty()) {
            effects.add(new GroupEffect.Revoke(stay, fresh));
        }
    }

    private void assignKnown(List<GroupEffect> effects) {
        Set<PartitionId> added = new TreeSet<>();
        for (TopicPartition partition : List.copyOf(unknown)) {
            Optional<PartitionId> id = idOf(partition);
            boolean isGoing = owned.containsKey(partition) && givingUp.contains(owned.get(partition));
            if (id.isPresent() && !isGoing) {
                unknown.remove(partition);
                if (!id.get().equals(owned.put(partition, id.get()))) {
                    added.add(id.get());
                }
            }
        }
        if (!added.isEmpty()) {
            effects.add(new GroupEffect.Assign(stay, added));
        }
    }

    private Optional<PartitionId> idOf(TopicPartition partition) {
        return view.topic(partition.topic())
                .filter(topic -> partition.partition() < topic.partitions().size())
                .map(topic -> new PartitionId(topic.id(), partition.partition()));
    }

    // ---- joining again

    private Set<String> topics() {
        Set<String> topics = new TreeSet<>(subscription.topics());
        if (!subscription.pattern().isEmpty()) {
            view.topics().keySet().stream()
                    .filter(name -> !name.startsWith("__") && name.matches(subscription.pattern()))
                    .forEach(topics::add);
        }
        return topics;
    }

    private void rejoinIfOutdated(long nowMs, List<GroupEffect> effects) {
        boolean isOutdated = state == State.STABLE
                && !isJoinDue
                && (!topics().equals(joinedTopics)
                        || (assignedTopics != null && !seen(groupTopics).equals(assignedTopics)));
        if (isOutdated) {
            rejoin(nowMs, effects);
        }
    }

    /** The group rebalances, or has to. */
    private void rejoin(long nowMs, List<GroupEffect> effects) {
        isJoinDue = true;
        Set<String> topics = topics();
        Set<PartitionId> going = new TreeSet<>();
        owned.forEach((partition, id) -> {
            if (!isCooperative || !topics.contains(partition.topic())) {
                going.add(id);
            }
        });
        revoke(going, effects);
        joinIfReady(nowMs);
    }

    private void joinIfReady(long nowMs) {
        if (isJoinDue && givingUp.isEmpty() && state == State.STABLE) {
            join(nowMs);
        }
    }

    private void onGaveUp(GroupEvent.GaveUp gaveUp, long nowMs) {
        if (gaveUp.stay() != stay) {
            return;
        }
        owned.values().removeAll(gaveUp.partitions());
        givingUp.removeAll(gaveUp.partitions());
        joinIfReady(nowMs);
    }

    private void onHeard(GroupEvent.Heard heard, long nowMs, List<GroupEffect> effects) {
        if (heard.number() != number || !isInFlight) {
            return;
        }
        isInFlight = false;
        failures = 0;
        sendDueMs = nowMs + heartbeatMs;
        if (state == State.LEAVING) {
            left(nowMs, effects);
        }
    }

    private void onRefused(GroupEvent.Refused refused, long nowMs, List<GroupEffect> effects) {
        if (refused.number() != number || !isInFlight) {
            return;
        }
        isInFlight = false;
        ErrorCode code = refused.failure().code();
        if (state == State.LEAVING) {
            if (code.isRetriable() && !memberId.isEmpty() && failures + 1 < LEAVE_ATTEMPTS_MAX) {
                backOff(nowMs);
            } else {
                left(nowMs, effects);
            }
        } else if (code == ErrorCode.REBALANCE_IN_PROGRESS && state == State.STABLE) {
            sendDueMs = nowMs + heartbeatMs;
            rejoin(nowMs, effects);
        } else if (code == ErrorCode.REBALANCE_IN_PROGRESS && state == State.SYNCING) {
            join(nowMs);
        } else if (code == ErrorCode.UNKNOWN_MEMBER || code == ErrorCode.ILLEGAL_GENERATION) {
            expelled(code, nowMs, effects);
        } else if (code.isRetriable()) {
            backOff(nowMs);
        } else {
            fail(refused.failure(), effects);
        }
    }

    private void expelled(ErrorCode code, long nowMs, List<GroupEffect> effects) {
        boolean isRepeated = state == State.JOINING;
        if (code == ErrorCode.UNKNOWN_MEMBER) {
            memberId = "";
        }
        loseAll(effects);
        join(nowMs);
        if (isRepeated) {
            backOff(nowMs);
        }
    }

    private void fail(Failure failure, List<GroupEffect> effects) {
        loseAll(effects);
        state = State.OUT;
        memberId = "";
        effects.add(new GroupEffect.Fail(failure));
    }

    private void loseAll(List<GroupEffect> effects) {
        if (!owned.isEmpty()) {
            effects.add(new GroupEffect.Lose(new TreeSet<>(owned.values())));
        }
        generation = NO_EPOCH;
        forgetAssignment();
    }

    private void forgetAssignment() {
        stay++;
        owned.clear();
        givingUp.clear();
        unknown.clear();
        isJoinDue = false;
        assignedTopics = null;
    }

    // ---- sending

    private void backOff(long nowMs) {
        failures++;
        sendDueMs = nowMs + RetryPolicy.REQUESTS.delayMs(failures);
    }

    /** What is on its way, if anything, does not say any more how things are. */
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
        ClassicCall call = switch (state) {
            case JOINING -> joinCall();
            case SYNCING -> new ClassicCall.Sync(generation, memberId, assignments);
            case LEAVING -> new ClassicCall.Leave(memberId);
            default -> new ClassicCall.Heartbeat(generation, memberId);
        };
        effects.add(new GroupEffect.Call(number, call));
    }

    private ClassicCall.Join joinCall() {
        joinedTopics = topics();
        List<TopicPartition> reading = isCooperative ? new ArrayList<>(owned.keySet()) : List.of();
        MemberSubscription told = new MemberSubscription(
                joinedTopics,
                reading,
                generation == NO_EPOCH ? Optional.empty() : Optional.of(generation),
                config.isStatic() ? Optional.of(config.instanceId()) : Optional.empty());
        return new ClassicCall.Join(
                memberId, told, assignors.stream().map(Assignor::name).toList());
    }
}
