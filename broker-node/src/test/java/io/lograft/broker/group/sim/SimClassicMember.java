package io.lograft.broker.group.sim;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.JoinedMember;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupReply.Synced;
import io.lograft.broker.group.GroupRequest.Assignment;
import io.lograft.broker.group.GroupRequest.Heartbeat;
import io.lograft.broker.group.GroupRequest.Join;
import io.lograft.broker.group.GroupRequest.Leave;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.broker.group.GroupRequest.Sync;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A client of the classic protocol: joins, assigns if it leads, syncs, sends heartbeats, and gives up what it has before
 * it joins again. Sometimes it does not wait long enough for an answer.
 */
final class SimClassicMember implements SimMember {
    private static final long TIMEOUT_MS = 2_000;

    private enum Phase {
        JOINING,
        SYNCING,
        READING,
        LEAVING
    }

    private final SimProcess process;
    private final SimPlace place;
    private final SimReader reader;
    private Phase phase = Phase.JOINING;
    private long round;
    private String memberId = "";
    private int generation = -1;
    private byte subscription = 1;
    private boolean leads;
    private int assignedPartitions;

    SimClassicMember(SimProcess process, SimPlace place) {
        this.process = process;
        this.place = place;
        this.reader = new SimReader(process, place.groupId(), this::refused);
    }

    @Override
    public void start() {
        reader.start();
        join();
        heartbeat();
    }

    @Override
    public boolean isSettled() {
        return phase == Phase.READING && reader.isReady();
    }

    @Override
    public String memberId() {
        return memberId;
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public Set<Integer> partitions() {
        return reader.partitions();
    }

    @Override
    public void changeSubscription() {
        subscription++;
        join();
    }

    @Override
    public void leave(Runnable then) {
        reader.commit(() -> {});
        reader.release();
        phase = Phase.LEAVING;
        round++;
        process.send(new Leave(place.groupId(), self()), TIMEOUT_MS, reply -> then.run());
    }

    private MemberRef self() {
        return new MemberRef(memberId, place.instanceId(), generation);
    }

    // ---- join

    private void join() {
        if (phase == Phase.LEAVING) {
            return;
        }
        if (phase == Phase.READING) {
            reader.commit(() -> {});
        }
        reader.release();
        phase = Phase.JOINING;
        long of = ++round;
        boolean isImpatient = process.world().chance(0.1);
        long timeoutMs = isImpatient
                ? process.world().between(100, 3_000)
                : place.timeouts().rebalanceMs() + 5_000;
        Join request = new Join(
                place.groupId(),
                new MemberIdentity(memberId, place.instanceId(), place.name(), "10.0.0.1"),
                place.timeouts(),
                "consumer",
                protocols());
        process.send(request, timeoutMs, reply -> {
            if (of == round) {
                joined(reply);
            }
        });
    }

    /** All know "range", so that there is always a common one. */
    private List<Protocol> protocols() {
        Bytes metadata = Bytes.of(new byte[] {subscription});
        Protocol range = new Protocol("range", metadata);
        Protocol sticky = new Protocol("sticky", metadata);
        return switch (Math.floorMod(place.preference(), 3)) {
            case 0 -> List.of(range);
            case 1 -> List.of(range, sticky);
            default -> List.of(sticky, range);
        };
    }

    private void joined(GroupReply reply) {
        if (!(reply instanceof Joined joined)) {
            refused(((Refused) reply).code());
            return;
        }
        memberId = joined.memberId();
        generation = joined.generationId();
        leads = joined.leaderId().equals(memberId);
        GroupChecker.that(leads != joined.members().isEmpty(), "only the leader gets the members: " + joined);
        GroupChecker.that(leads || !joined.skipsAssignment(), "only the leader may skip: " + joined);
        phase = Phase.SYNCING;
        // It does not know for how many partitions the generation was assigned, and will assign anew in a while.
        assignedPartitions = joined.skipsAssignment() ? -1 : process.partitionCount();
        int slownessMs = process.world().chance(0.05) ? process.world().between(0, 8_000) : 0;
        long of = round;
        List<Assignment> assignments = leads && !joined.skipsAssignment() ? assign(joined.members()) : List.of();
        process.after(slownessMs, () -> {
            if (of == round) {
                sync(assignments);
            }
        });
    }

    /** Begins with any of them, so that two leaders would hardly agree. */
    private List<Assignment> assign(List<JoinedMember> members) {
        int first = process.world().between(0, members.size() - 1);
        TreeMap<String, List<Integer>> partitions = new TreeMap<>();
        for (int i = 0; i < process.partitionCount(); i++) {
            String owner = members.get((first + i) % members.size()).memberId();
            partitions.computeIfAbsent(owner, id -> new ArrayList<>()).add(i);
        }
        return partitions.entrySet().stream()
                .map(entry -> new Assignment(entry.getKey(), SimClassicKind.encode(entry.getValue())))
                .toList();
    }

    // ---- sync

    private void sync(List<Assignment> assignments) {
        long of = round;
        boolean isImpatient = process.world().chance(0.1);
        long timeoutMs = isImpatient ? 300 : place.timeouts().rebalanceMs() + 5_000;
        process.send(new Sync(place.groupId(), self(), assignments), timeoutMs, reply -> {
            if (of != round) {
                return;
            }
            if (reply instanceof Synced synced) {
                take(SimClassicKind.decode(synced.assignment()));
            } else if (isRetried(((Refused) reply).code())) {
                process.after(200, () -> {
                    if (of == round) {
                        sync(assignments);
                    }
                });
            } else {
                refused(((Refused) reply).code());
            }
        });
    }

    private static boolean isRetried(ErrorCode code) {
        return code == ErrorCode.REQUEST_TIMED_OUT
                || code == ErrorCode.UNAVAILABLE
                || code == ErrorCode.NOT_COORDINATOR
                || code == ErrorCode.COORDINATOR_NOT_AVAILABLE;
    }

    private void take(Set<Integer> partitions) {
        phase = Phase.READING;
        // A static member and the one that takes its place are the same owner; the former one may not commit any more.
        String owner = place.isStatic() ? place.instanceId() : memberId;
        partitions.forEach(partition -> process.checker().took(place.groupId(), generation, partition, owner));
        reader.assign(self(), partitions);
    }

    // ---- heartbeat

    private void heartbeat() {
        process.after(place.timeouts().sessionMs() / 4, () -> {
            if (phase == Phase.SYNCING || phase == Phase.READING) {
                beat();
            }
            heartbeat();
        });
    }

    private void beat() {
        if (phase == Phase.READING && leads && assignedPartitions != process.partitionCount()) {
            join();
            return;
        }
        long of = round;
        process.send(new Heartbeat(place.groupId(), self()), TIMEOUT_MS, reply -> {
            if (of == round && reply instanceof Refused refused && !isRetried(refused.code())) {
                refused(refused.code());
            }
        });
    }

    // ---- what goes wrong

    private void refused(ErrorCode code) {
        switch (code) {
            case REQUEST_TIMED_OUT, UNAVAILABLE, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, BUSY -> joinLater();
            case REBALANCE_IN_PROGRESS -> join();
            case ILLEGAL_GENERATION -> {
                generation = -1;
                reader.release();
                join();
            }
            case UNKNOWN_MEMBER -> {
                memberId = "";
                generation = -1;
                reader.release();
                join();
            }
            case FENCED_INSTANCE_ID -> process.die("fenced");
            default -> throw new SimulationFailure("broken: " + process.name() + " was refused with " + code);
        }
    }

    private void joinLater() {
        long of = ++round;
        phase = Phase.JOINING;
        reader.release();
        process.after(200, () -> {
            if (of == round) {
                join();
            }
        });
    }
}
