package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.Timeouts;
import io.lograft.broker.sim.SimWorld;
import io.lograft.broker.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One run: groups of some kinds, faults for a while, then rest, in which every group has to find to its assignment. */
final class SimGroups {
    /** Within this, groups find to rest: a few sessions, and rebalances that wait for members that are not there. */
    private static final long REST_WITHIN_MS = 120_000;

    private static final int[] SESSIONS_MS = {3_000, 6_000, 10_000};
    private static final int[] REBALANCES_MS = {4_000, 10_000, 20_000};

    private final SimWorld world;
    private final GroupMutation mutation;
    private final GroupChecker checker = new GroupChecker();
    private final TreeMap<String, SimKind> kinds = new TreeMap<>();
    private final List<SimSeat> seats = new ArrayList<>();
    private final SimCoordinator coordinator;
    private final long faultsUntilMs;
    private final boolean losesMessages;
    private final int slownessMs;
    private SimTopic topic;

    /** Each group gets one of the kinds; {@code traced} runs can tell what happened. */
    SimGroups(long seed, List<SimKind> candidates, GroupMutation mutation, boolean traced) {
        this.world = new SimWorld(seed, traced);
        this.mutation = mutation;
        this.topic = new SimTopic(world.between(1, 12));
        this.faultsUntilMs = world.between(20_000, 120_000);
        this.losesMessages = world.chance(0.5);
        this.slownessMs = world.between(1, 60);
        int groups = world.between(1, 2);
        for (int i = 0; i < groups; i++) {
            kinds.put("group" + i, candidates.get(world.between(0, candidates.size() - 1)));
        }
        this.coordinator = new SimCoordinator(this);
        kinds.forEach(this::makeSeats);
        faultLater();
    }

    private void makeSeats(String groupId, SimKind kind) {
        int count = world.between(1, 6);
        double staticShare = world.chance(0.5) ? 0 : 0.6;
        for (int i = 0; i < count; i++) {
            String name = groupId + "-" + (char) ('a' + i);
            String instanceId = world.chance(staticShare) ? "instance-" + name : "";
            Timeouts timeouts = new Timeouts(
                    SESSIONS_MS[world.between(0, SESSIONS_MS.length - 1)],
                    REBALANCES_MS[world.between(0, REBALANCES_MS.length - 1)]);
            SimSeat seat =
                    new SimSeat(new SimPlace(groupId, name, instanceId, timeouts, world.between(0, 100)), kind, this);
            seats.add(seat);
            seat.startAfter(world.between(0, 10_000));
        }
    }

    // ---- what the parts ask

    SimWorld world() {
        return world;
    }

    GroupMutation mutation() {
        return mutation;
    }

    GroupChecker checker() {
        return checker;
    }

    SimCoordinator coordinator() {
        return coordinator;
    }

    SimTopic topic() {
        return topic;
    }

    SimKind kindOf(String groupId) {
        return kinds.get(groupId);
    }

    boolean hasFaults() {
        return world.nowMs() < faultsUntilMs;
    }

    boolean losesMessage() {
        return hasFaults() && losesMessages && world.chance(0.02);
    }

    int delayMs() {
        return world.between(0, slownessMs);
    }

    int commitDelayMs() {
        return hasFaults() && world.chance(0.05) ? world.between(0, 2_000) : world.between(1, 20);
    }

    // ---- faults

    private void faultLater() {
        world.after(world.between(200, 6_000), () -> {
            if (hasFaults()) {
                fault();
                faultLater();
            }
        });
    }

    private void fault() {
        SimSeat seat = seats.get(world.between(0, seats.size() - 1));
        switch (world.between(0, 11)) {
            case 0, 1 -> seat.crash();
            case 2, 3 -> seat.pause(world.between(500, 20_000));
            case 4, 5 -> seat.leave();
            case 6 -> seat.startAnother();
            case 7 -> seat.changeSubscription();
            case 8 -> grow();
            default -> coordinator.change();
        }
    }

    private void grow() {
        if (topic.partitionCount() < 16) {
            topic = new SimTopic(topic.partitionCount() + 1);
            world.trace(() -> "the topic has " + topic.partitionCount() + " partitions");
            coordinator.topicsChanged();
        }
    }

    // ---- the run

    /** Fails with a {@link SimulationFailure}; returns what tells equal runs from others. */
    String run() {
        world.runUntil(faultsUntilMs);
        seats.forEach(SimSeat::heal);
        kinds.keySet().forEach(this::startOneAtLeast);
        world.trace(() -> "no faults any more");
        world.runUntil(faultsUntilMs + REST_WITHIN_MS);
        kinds.keySet().forEach(this::checkRest);
        List<Long> before = committed();
        world.runUntil(faultsUntilMs + REST_WITHIN_MS + 15_000);
        kinds.keySet().forEach(this::checkRest);
        List<Long> after = committed();
        for (int i = 0; i < before.size(); i++) {
            GroupChecker.that(after.get(i) > before.get(i), "nobody goes on with a partition: " + before + " " + after);
        }
        return world.steps() + " steps, " + checker.acknowledgedCount() + " offsets committed, digest "
                + Long.toHexString(world.digest());
    }

    private void startOneAtLeast(String groupId) {
        List<SimSeat> all =
                seats.stream().filter(seat -> seat.groupId().equals(groupId)).toList();
        if (all.stream().allMatch(seat -> seat.alive().isEmpty())) {
            all.getFirst().startAfter(0);
        }
    }

    private List<Long> committed() {
        List<Long> committed = new ArrayList<>();
        for (String groupId : kinds.keySet()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                committed.add(checker.committed(groupId, i));
            }
        }
        return committed;
    }

    private void checkRest(String groupId) {
        GroupDescription group = coordinator.describe(groupId);
        GroupChecker.that(group.state().equals("Stable"), "no rest: " + group);
        List<SimMember> members = seats.stream()
                .filter(seat -> seat.groupId().equals(groupId))
                .flatMap(seat -> seat.alive().stream())
                .toList();
        GroupChecker.that(
                members.size() == group.members().size(),
                members.size() + " members live, and the coordinator knows others: " + group);
        Set<Integer> read = new TreeSet<>();
        for (SimMember member : members) {
            GroupChecker.that(member.isSettled(), "a member does not come to rest in " + group);
            GroupChecker.that(
                    group.members().stream()
                            .anyMatch(known -> known.identity().memberId().equals(member.memberId())
                                    && known.memberEpoch() == member.generation()),
                    member.memberId() + " is in generation " + member.generation() + ", and not so in " + group);
            for (int partition : member.partitions()) {
                GroupChecker.that(read.add(partition), "two members read partition " + partition + " of " + group);
            }
        }
        GroupChecker.that(
                read.size() == topic.partitionCount(),
                "of " + topic.partitionCount() + " partitions only these are read: " + read + ", in " + group);
    }

    String lastEvents() {
        return world.lastEvents();
    }
}
