package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Assigned;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A client of the protocol in which the coordinator assigns: one heartbeat after the other, and what it may read no more
 * it commits and gives up.
 */
final class SimConsumerMember implements SimMember {
    static final int MAX_WAIT_MS = 5_000;
    /** Longer than any session: so long somebody may be taken for alive that holds the instance id and is not. */
    private static final long INSTANCE_WAIT_MS = 30_000;

    private final SimProcess process;
    private final SimPlace place;
    private final SimReader reader;
    private final TreeSet<Integer> owned = new TreeSet<>();
    private final TreeSet<Integer> mayRead = new TreeSet<>();
    private int epoch;
    private int extraTopics;
    private long lastHeartbeat;
    private long fencedSinceMs = -1;
    private boolean isLeaving;

    SimConsumerMember(SimProcess process, SimPlace place) {
        this.process = process;
        this.place = place;
        this.reader = new SimReader(process, place.groupId(), this::refused);
    }

    @Override
    public void start() {
        reader.start();
        heartbeat();
    }

    @Override
    public String memberId() {
        return process.name();
    }

    @Override
    public boolean isSettled() {
        return epoch > 0 && owned.equals(mayRead) && reader.isReady();
    }

    @Override
    public int generation() {
        return epoch;
    }

    @Override
    public Set<Integer> partitions() {
        return reader.partitions();
    }

    /** One more topic, which does not exist. */
    @Override
    public void changeSubscription() {
        extraTopics++;
        heartbeat();
    }

    @Override
    public void leave(Runnable then) {
        reader.commit(() -> {});
        reader.release();
        owned.clear();
        isLeaving = true;
        lastHeartbeat++;
        boolean isForAWhile = place.isStatic() && process.world().chance(0.5);
        int how = isForAWhile ? ConsumerHeartbeat.LEAVING_FOR_A_WHILE : ConsumerHeartbeat.LEAVING;
        process.send(request(how, 0), 2_000, reply -> then.run());
    }

    private void heartbeat() {
        if (isLeaving) {
            return;
        }
        long number = ++lastHeartbeat;
        int maxWaitMs = process.world().chance(0.5) ? 0 : process.world().between(0, MAX_WAIT_MS);
        process.send(request(epoch, maxWaitMs), maxWaitMs + 1_000L, reply -> {
            if (number == lastHeartbeat) {
                answered(reply);
            }
        });
    }

    private ConsumerHeartbeat request(int memberEpoch, int maxWaitMs) {
        List<String> topics = new ArrayList<>(List.of(SimTopic.NAME));
        for (int i = 0; i < extraTopics; i++) {
            topics.add("extra-" + i);
        }
        Set<PartitionId> held = new TreeSet<>();
        owned.forEach(partition -> held.add(SimTopic.partition(partition)));
        return new ConsumerHeartbeat(
                place.groupId(),
                new MemberIdentity(memberId(), place.instanceId(), place.name(), "10.0.0.1"),
                memberEpoch,
                place.timeouts(),
                new Subscription(place.preference() % 2 == 0 ? "uniform" : "range", topics, ""),
                held,
                maxWaitMs);
    }

    private void answered(GroupReply reply) {
        switch (reply) {
            case Assigned assigned -> take(assigned);
            case Refused refused -> refused(refused.code());
            default -> throw new SimulationFailure("broken: " + process.name() + " got " + reply);
        }
    }

    private void take(Assigned assigned) {
        GroupChecker.that(
                assigned.memberEpoch() >= epoch,
                process.name() + " falls from epoch " + epoch + " to " + assigned.memberEpoch());
        epoch = assigned.memberEpoch();
        fencedSinceMs = -1;
        mayRead.clear();
        assigned.assignment().forEach(partition -> mayRead.add(partition.partition()));
        String owner = place.isStatic() ? place.instanceId() : memberId();
        mayRead.forEach(partition -> process.checker().took(place.groupId(), epoch, partition, owner));
        owned.addAll(mayRead);
        reader.assign(new MemberRef(memberId(), place.instanceId(), epoch), owned);
        if (owned.equals(mayRead)) {
            next(process.world().between(0, assigned.heartbeatIntervalMs()));
        } else {
            int ofEpoch = epoch;
            reader.commit(() -> giveUp(ofEpoch));
            next(assigned.heartbeatIntervalMs());
        }
    }

    private void next(int delayMs) {
        long number = lastHeartbeat;
        process.after(delayMs, () -> {
            if (number == lastHeartbeat) {
                heartbeat();
            }
        });
    }

    private void giveUp(int ofEpoch) {
        if (ofEpoch != epoch || owned.equals(mayRead)) {
            return;
        }
        owned.retainAll(mayRead);
        reader.assign(new MemberRef(memberId(), place.instanceId(), epoch), owned);
        heartbeat();
    }

    private void refused(ErrorCode code) {
        switch (code) {
            case REQUEST_TIMED_OUT, UNAVAILABLE, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, BUSY -> next(200);
            case UNKNOWN_MEMBER, ILLEGAL_GENERATION -> {
                loseAll();
                heartbeat();
            }
            case FENCED_INSTANCE_ID -> fenced();
            default -> throw new SimulationFailure("broken: " + process.name() + " was refused with " + code);
        }
    }

    /** Whoever held the instance id before may be dead; whoever lost it is. */
    private void fenced() {
        long now = process.world().nowMs();
        fencedSinceMs = fencedSinceMs < 0 ? now : fencedSinceMs;
        if (epoch != 0 || now - fencedSinceMs > INSTANCE_WAIT_MS) {
            process.die("fenced");
        } else {
            next(1_000);
        }
    }

    private void loseAll() {
        epoch = 0;
        owned.clear();
        mayRead.clear();
        reader.release();
    }
}
