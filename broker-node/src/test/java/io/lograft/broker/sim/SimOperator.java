package io.lograft.broker.sim;

import io.lograft.broker.sim.world.SimWorld;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;

/** Somebody who gives partitions other replicas, takes that back, and changes their mind. */
final class SimOperator {
    private final SimCluster cluster;
    private final SimWorld world;
    private final long endMs;
    private final int replicasMin;
    private final int pauseMaxMs;

    /**
     * Makes an idle one.
     *
     * @param replicasMin no partition gets fewer replicas than that
     */
    SimOperator(SimCluster cluster, long endMs, int replicasMin) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.endMs = endMs;
        this.replicasMin = replicasMin;
        this.pauseMaxMs = world.between(100, 4_000);
    }

    void begin() {
        world.after(world.between(200, 2_000), this::next);
    }

    private void next() {
        if (world.nowMs() >= endMs) {
            return;
        }
        act();
        world.after(world.between(10, pauseMaxMs), this::next);
    }

    /** All is healed: what is under way is taken back or left to end. */
    void end() {
        for (PartitionId partition : cluster.partitions()) {
            if (world.chance(0.3)) {
                submit(partition, List.of());
            }
        }
    }

    private void act() {
        List<PartitionId> partitions = cluster.partitions();
        if (partitions.isEmpty()) {
            return;
        }
        PartitionId partition = partitions.get(world.between(0, partitions.size() - 1));
        PartitionImage image = cluster.partitionImage(partition).orElse(null);
        if (image == null) {
            return;
        }
        boolean isWhole = image.reassignment().isEmpty()
                && image.isr().size() == image.replicas().size()
                && image.isr().size() > replicasMin;
        if (isWhole && world.chance(0.5)) {
            dropForAMoment(partition, image);
        } else if (image.reassignment().isPresent() && world.chance(0.3)) {
            submit(partition, List.of());
        } else if (world.chance(0.2)) {
            submit(partitions.stream()
                    .map(one -> new PartitionTarget(one, anyTarget()))
                    .toList());
        } else {
            submit(partition, anyTarget());
        }
    }

    private List<BrokerId> anyTarget() {
        List<BrokerId> brokers = new ArrayList<>();
        for (SimMachine machine : cluster.machines()) {
            brokers.add(world.between(0, brokers.size()), new BrokerId(machine.id()));
        }
        return brokers.subList(0, world.between(replicasMin, brokers.size()));
    }

    /**
     * Drops a replica, which all in sync can do without at once, and gives it back soon after. Often the leader's session
     * breaks before, so that it hears of both together, or the session of the one that is dropped.
     */
    private void dropForAMoment(PartitionId partition, PartitionImage image) {
        List<BrokerId> others = new ArrayList<>(image.replicaIds());
        BrokerId dropped = others.remove(world.between(0, others.size() - 1));
        if (world.chance(0.7)) {
            breakSession(world.chance(0.8) ? image.leader() : dropped.value());
        }
        submit(partition, List.copyOf(others));
        others.add(world.between(0, others.size()), dropped);
        world.after(world.between(0, world.chance(0.7) ? 20 : 500), () -> submit(partition, others));
    }

    private void breakSession(int broker) {
        SimProcess process = cluster.process(broker);
        if (process != null) {
            process.session().breakSession();
        }
    }

    private void submit(PartitionId partition, List<BrokerId> replicas) {
        submit(List.of(new PartitionTarget(partition, replicas)));
    }

    private void submit(List<PartitionTarget> targets) {
        SimController controller = cluster.quorum().current();
        if (controller != null) {
            long bytesPerSecond = world.chance(0.3) ? world.between(50_000, 500_000) : 0;
            controller.administer(
                    new MetadataCommand.ReassignPartitions(targets, bytesPerSecond, false),
                    reply -> world.trace(() -> "the operator is told of " + targets + ": " + reply));
        }
    }
}
