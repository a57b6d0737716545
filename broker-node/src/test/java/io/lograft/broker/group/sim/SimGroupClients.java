package io.lograft.broker.group.sim;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.Timeouts;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.broker.sim.world.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Groups of some kinds with their members, and what befalls these; whoever coordinates them. */
public final class SimGroupClients {
    /** Both kinds of groups that there are. */
    static final List<SimKind> ALL_KINDS = List.of(SimClassicKind.INSTANCE, SimConsumerKind.INSTANCE);

    private static final int[] SESSIONS_MS = {3_000, 6_000, 10_000};
    private static final int[] REBALANCES_MS = {4_000, 10_000, 20_000};

    private final SimWorld world;
    private final GroupChecker checker = new GroupChecker();
    private final TreeMap<String, SimKind> kinds = new TreeMap<>();
    private final List<SimSeat> seats = new ArrayList<>();
    private final long faultsUntilMs;
    private final boolean losesMessages;
    private final int slownessMs;
    private SimCoordination coordination;
    private SimTopic topic;

    /** Groups of both kinds; faults end after so long. */
    public SimGroupClients(SimWorld world, long faultsMs) {
        this(world, ALL_KINDS, faultsMs);
    }

    /** Each group gets one of these kinds. */
    SimGroupClients(SimWorld world, List<SimKind> candidates, long faultsMs) {
        this.world = world;
        this.topic = new SimTopic(world.between(1, 12));
        this.faultsUntilMs = world.nowMs() + faultsMs;
        this.losesMessages = world.chance(0.5);
        this.slownessMs = world.between(1, 60);
        int groups = world.between(1, 2);
        for (int i = 0; i < groups; i++) {
            kinds.put("group" + i, candidates.get(world.between(0, candidates.size() - 1)));
        }
    }

    /** Starts the members, and their faults. */
    public void begin(SimCoordination coordinator) {
        coordination = coordinator;
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

    GroupChecker checker() {
        return checker;
    }

    SimCoordination coordination() {
        return coordination;
    }

    SimTopic topic() {
        return topic;
    }

    /** The one topic that all groups read. */
    public TopicCatalog catalog() {
        return topic;
    }

    /** A fresh group of the kind that this one is of. */
    public Group create(String groupId) {
        return kindOf(groupId).create(groupId);
    }

    SimKind kindOf(String groupId) {
        return kinds.get(groupId);
    }

    boolean hasFaults() {
        return world.nowMs() < faultsUntilMs;
    }

    long faultsUntilMs() {
        return faultsUntilMs;
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
            default -> coordination.change();
        }
    }

    private void grow() {
        if (topic.partitionCount() < 16) {
            topic = new SimTopic(topic.partitionCount() + 1);
            world.trace(() -> "the topic has " + topic.partitionCount() + " partitions");
            coordination.topicsChanged();
        }
    }

    // ---- the end

    /** Nothing befalls anybody any more; every group has a member. */
    public void heal() {
        seats.forEach(SimSeat::heal);
        kinds.keySet().forEach(this::startOneAtLeast);
    }

    private void startOneAtLeast(String groupId) {
        List<SimSeat> all =
                seats.stream().filter(seat -> seat.groupId().equals(groupId)).toList();
        if (all.stream().allMatch(seat -> seat.alive().isEmpty())) {
            all.getFirst().startAfter(0);
        }
    }

    /** What was committed for each partition of each group, as clients were told. */
    public List<Long> committed() {
        List<Long> committed = new ArrayList<>();
        for (String groupId : kinds.keySet()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                committed.add(checker.committed(groupId, i));
            }
        }
        return committed;
    }

    public long acknowledgedCommits() {
        return checker.acknowledgedCount();
    }

    /** Why a group has not found to its assignment; empty where all have. */
    public Optional<String> unrest() {
        return kinds.keySet().stream()
                .map(this::unrest)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> unrest(String groupId) {
        Optional<GroupDescription> known = coordination.describe(groupId);
        if (known.isEmpty()) {
            return Optional.of("nobody coordinates " + groupId + ", or it is gone");
        }
        GroupDescription group = known.get();
        List<SimMember> members = seats.stream()
                .filter(seat -> seat.groupId().equals(groupId))
                .flatMap(seat -> seat.alive().stream())
                .toList();
        if (!group.state().equals("Stable") || members.size() != group.members().size()) {
            return Optional.of(members.size() + " members live, and the coordinator knows " + group);
        }
        Set<Integer> read = new TreeSet<>();
        for (SimMember member : members) {
            boolean isKnown = group.members().stream()
                    .anyMatch(one -> one.identity().memberId().equals(member.memberId())
                            && one.memberEpoch() == member.generation());
            if (!member.isSettled() || !isKnown) {
                return Optional.of(member.memberId() + " in generation " + member.generation()
                        + " has not come to rest in " + group);
            }
            for (int partition : member.partitions()) {
                GroupChecker.that(read.add(partition), "two members read partition " + partition + " of " + group);
            }
        }
        return read.size() == topic.partitionCount()
                ? Optional.empty()
                : Optional.of(
                        "of " + topic.partitionCount() + " partitions only these are read: " + read + ", in " + group);
    }
}
