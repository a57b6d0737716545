package io.lograft.broker.group.consumer;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.Subscription;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** A group whose members join, crash, are slow, leave and come back, while coordinators change and topics grow. */
final class SimGroup {
    static final String GROUP = "g";
    private static final long FAULTS_MS = 90_000;
    private static final long CALM_MS = 60_000;
    private static final int CLIENTS_MAX = 7;
    private static final List<String> NAMES = List.of("t1", "t2", "t3", "t4");

    private final SimWorld world;
    private final SimChecks checks;
    private final SimCoordinator coordinator;
    private final boolean isAlike;
    private final long pauseMsMax;
    private int clientCount;
    private int faults;

    SimGroup(long seed, UnaryOperator<Group> mistake) {
        world = new SimWorld(seed);
        checks = new SimChecks(world);
        isAlike = world.random.nextBoolean();
        pauseMsMax = world.oneIn(2) ? 4_000 : 400;
        Topics topics = Topics.NONE.with("t1", (int) world.between(1, 6)).with("t2", (int) world.between(1, 6));
        coordinator = new SimCoordinator(world, checks, mistake, topics);
    }

    /** Returns how many faults there were. */
    int run() {
        for (long first = world.between(1, 3); first > 0; first--) {
            begin("");
        }
        fault();
        world.run(FAULTS_MS, coordinator);
        world.calmDown();
        checks.clients().forEach(client -> client.isSlow = false);
        if (alive().isEmpty()) {
            begin("");
        }
        world.run(FAULTS_MS + CALM_MS, coordinator);
        checkSettled();
        checkLittleMoves();
        checks.that(checks.commits() > 0, () -> "nothing was ever committed");
        return faults;
    }

    private SimClient begin(String instanceId) {
        clientCount++;
        SimClient client = new SimClient(world, coordinator, checks, "m" + clientCount, instanceId);
        client.subscribe(anySubscription());
        client.isSlow = !world.isCalm() && world.oneIn(4);
        checks.add(client);
        client.start();
        return client;
    }

    private Subscription anySubscription() {
        if (isAlike) {
            return new Subscription("", List.of(), "t[0-9]");
        }
        return switch ((int) world.between(0, 3)) {
            case 0 -> new Subscription("", List.of("t1", "t2"), "");
            case 1 -> new Subscription("range", List.of("t1", "t3"), "");
            case 2 -> new Subscription("", List.of("t2"), "t[34]");
            default -> new Subscription("uniform", List.of(), "t.*");
        };
    }

    private List<SimClient> alive() {
        return checks.clients().stream().filter(client -> client.isAlive).toList();
    }

    private void fault() {
        if (world.nowMs() >= FAULTS_MS - 1_000) {
            return;
        }
        faults++;
        List<SimClient> alive = alive();
        SimClient any = alive.isEmpty() ? null : alive.get(world.random.nextInt(alive.size()));
        switch ((int) world.between(0, 9)) {
            case 0, 1, 2 -> {
                if (alive.size() < CLIENTS_MAX) {
                    begin(world.oneIn(3) ? "i" + clientCount : "");
                }
            }
            case 3 -> coordinator.change();
            case 4 -> grow();
            default -> {
                if (any != null) {
                    fault(any);
                }
            }
        }
        world.in(world.between(50, pauseMsMax), this::fault);
    }

    private void fault(SimClient client) {
        switch ((int) world.between(0, 4)) {
            case 0 -> client.stop();
            case 1 -> client.leave(ConsumerHeartbeat.LEAVING);
            case 2 -> {
                if (!client.instanceId.isEmpty()) {
                    client.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
                    world.in(world.between(0, 4_000), () -> begin(client.instanceId));
                }
            }
            case 3 -> client.isSlow = !client.isSlow;
            default -> client.subscribe(anySubscription());
        }
    }

    private void grow() {
        String name = NAMES.get(world.random.nextInt(NAMES.size()));
        int count = coordinator
                .topics()
                .find(name)
                .map(topic -> topic.partitionCount())
                .orElse(0);
        coordinator.topics(coordinator.topics().with(name, count + (int) world.between(1, 3)));
    }

    /** Nobody hangs: all that is subscribed is read, each partition by the one who shall. */
    private void checkSettled() {
        GroupDescription described = describe();
        checks.that(described.state().equals("Stable"), () -> "still not stable: " + described);
        checks.that(described.members().size() == alive().size(), () -> "members are " + described.members());
        TreeSet<PartitionId> read = new TreeSet<>();
        for (SimClient client : alive()) {
            TreeSet<PartitionId> held = new TreeSet<>();
            described.members().stream()
                    .filter(member -> member.identity().memberId().equals(client.id))
                    .flatMap(member -> member.owned().stream())
                    .map(HeldPartition::partition)
                    .forEach(held::add);
            checks.that(
                    held.equals(client.reads.keySet()),
                    () -> client.id + " reads " + client.reads.keySet() + " and holds " + held);
            read.addAll(held);
        }
        TreeSet<PartitionId> wanted = new TreeSet<>();
        alive().forEach(client -> wanted.addAll(subscribed(client)));
        checks.that(read.equals(wanted), () -> "read are " + read + " of " + wanted);
    }

    private List<PartitionId> subscribed(SimClient client) {
        List<PartitionId> partitions = new ArrayList<>();
        for (String name : coordinator.topics().names()) {
            String pattern = client.subscription.pattern();
            if (client.subscription.topics().contains(name) || (!pattern.isEmpty() && name.matches(pattern))) {
                int count = coordinator.topics().find(name).orElseThrow().partitionCount();
                for (int i = 0; i < count; i++) {
                    partitions.add(Coordinator.partition(name, i));
                }
            }
        }
        return partitions;
    }

    private GroupDescription describe() {
        List<GroupEffect> effects = new ArrayList<>();
        coordinator
                .shard()
                .handle(Long.MAX_VALUE, new GroupRequest.Describe(GROUP), new GroupShard.Clocks(0, 0), effects);
        GroupReply reply = ((GroupEffect.Reply) effects.getFirst()).reply();
        return ((GroupReply.Described) reply).description();
    }

    /** With equal subscriptions a new member gets just its share, and nothing else moves; nor when it goes again. */
    private void checkLittleMoves() {
        if (!isAlike) {
            return;
        }
        int before = checks.revoked();
        SimClient late = begin("");
        world.run(world.nowMs() + 20_000, coordinator);
        int moved = checks.revoked() - before;
        checks.that(moved == late.reads.size(), () -> moved + " moved, and " + late.reads.keySet() + " should have");
        checkSettled();
        late.leave(ConsumerHeartbeat.LEAVING);
        world.run(world.nowMs() + 20_000, coordinator);
        int movedBack = checks.revoked() - before - moved;
        checks.that(movedBack == 0, () -> movedBack + " moved from others when one left");
        checkSettled();
    }
}
