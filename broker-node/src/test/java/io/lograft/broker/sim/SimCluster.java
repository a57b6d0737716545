package io.lograft.broker.sim;

import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;

/** One run: brokers, controller, clients and faults, all from one seed. */
final class SimCluster {
    private static final long START_LIMIT_MS = 20_000;
    private static final long REST_LIMIT_MS = 90_000;

    private final SimWorld world;
    private final SimNetwork network;
    private final SimController controller;
    private final SimChecker checker;
    private final Mutation mutation;
    private final FlushMode flushMode;
    private final int minimum;
    private final List<SimMachine> machines = new ArrayList<>();
    private final List<PartitionId> partitions = new ArrayList<>();
    private final List<SimProducer> producers = new ArrayList<>();
    private final List<SimConsumer> consumers = new ArrayList<>();
    private long nextId;

    SimCluster(long seed, Mutation mutation, boolean traced) {
        this.world = new SimWorld(seed, traced);
        this.network = new SimNetwork(world);
        this.controller = new SimController(world, network);
        this.checker = new SimChecker(this);
        this.mutation = mutation;
        this.flushMode = world.chance(0.75) ? FlushMode.COMMIT : FlushMode.OS;
        this.minimum = world.chance(0.85) ? 2 : 1;
        int brokers = world.chance(0.7) ? 3 : world.between(4, 5);
        for (int id = 1; id <= brokers; id++) {
            machines.add(new SimMachine(this, id));
        }
    }

    /** Runs to the end; throws a {@link SimulationFailure} where something is broken. Returns what was done. */
    String run() {
        machines.forEach(SimMachine::start);
        awaitLiveBrokers();
        int partitionCount = world.between(1, 3);
        controller.createTopic(partitionCount, minimum, flushMode);
        for (int partition = 0; partition < partitionCount; partition++) {
            partitions.add(new PartitionId(SimController.TOPIC, partition));
        }
        int client = SimNetwork.FIRST_CLIENT;
        for (PartitionId partition : partitions) {
            for (int count = world.between(1, 2); count > 0; count--) {
                producers.add(new SimProducer(this, client++, partition));
            }
            consumers.add(new SimConsumer(this, client++, partition));
        }
        long faultsEndMs = world.nowMs() + world.between(8_000, 30_000);
        SimFaults faults = new SimFaults(this, faultsEndMs);
        world.trace(faults::toString);
        world.runUntil(faultsEndMs);
        heal();
        awaitRest();
        return world.steps() + " steps, " + checker.acknowledgedBatches() + " batches acknowledged, " + world.nowMs()
                + " ms";
    }

    private void awaitLiveBrokers() {
        while (controller.image().brokers().values().stream()
                        .filter(broker -> broker.isLive())
                        .count()
                < machines.size()) {
            if (world.nowMs() > START_LIMIT_MS) {
                throw new SimulationFailure(
                        "the brokers did not start: " + controller.image().brokers());
            }
            world.runUntil(world.nowMs() + 100);
        }
    }

    private void heal() {
        world.trace(() -> "HEALED");
        network.healAll();
        producers.forEach(SimProducer::stop);
        for (SimMachine machine : machines) {
            machine.healDisk();
            machine.start();
            machine.process().pauseUntil(world.nowMs());
        }
    }

    private void awaitRest() {
        long limitMs = world.nowMs() + REST_LIMIT_MS;
        while (true) {
            world.runUntil(world.nowMs() + 500);
            String unrest = unrest();
            if (unrest == null) {
                return;
            }
            if (world.nowMs() >= limitMs) {
                throw new SimulationFailure("no rest within " + REST_LIMIT_MS + " ms after the faults: " + unrest);
            }
            // What a fault had scheduled may still come: a broker that was to be drained is stopped now.
            machines.forEach(SimMachine::start);
            network.healAll();
        }
    }

    private String unrest() {
        for (int i = 0; i < producers.size(); i++) {
            if (!producers.get(i).isDone()) {
                return "producer " + i + " waits for acknowledgements";
            }
        }
        String unrest = checker.unrest();
        if (unrest != null) {
            return unrest;
        }
        for (int i = 0; i < consumers.size(); i++) {
            if (!consumers.get(i).isDone()) {
                return "consumer " + i + " has not read everything";
            }
        }
        return null;
    }

    // ---- parts

    SimWorld world() {
        return world;
    }

    SimNetwork network() {
        return network;
    }

    SimController controller() {
        return controller;
    }

    SimChecker checker() {
        return checker;
    }

    Mutation mutation() {
        return mutation;
    }

    FlushMode flushMode() {
        return flushMode;
    }

    int minimum() {
        return minimum;
    }

    int size() {
        return machines.size();
    }

    List<SimMachine> machines() {
        return machines;
    }

    List<PartitionId> partitions() {
        return partitions;
    }

    SimMachine machine(int id) {
        return machines.get(id - 1);
    }

    /** The process of that broker; null while none runs. */
    SimProcess process(int id) {
        return id < 1 ? null : machine(id).process();
    }

    /** The partition as the controller knows it now. */
    PartitionImage partitionImage(PartitionId partition) {
        return controller.image().partition(partition).orElseThrow();
    }

    long freshId() {
        return ++nextId;
    }
}
