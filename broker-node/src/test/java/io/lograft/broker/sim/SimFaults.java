package io.lograft.broker.sim;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;

/** What goes wrong, drawn from the seed: the mix, and when and to whom. */
final class SimFaults {
    private enum Fault {
        CRASH,
        POWER_CUT_OF_ALL,
        POWER_CUT,
        WIPE,
        PAUSE,
        CUT_ONE_WAY,
        CUT_BOTH_WAYS,
        CUT_FROM_CONTROLLER,
        HEAL_NETWORK,
        BREAK_STREAM,
        SLOW_FSYNC,
        SLOW_CONTROLLER,
        DRAIN
    }

    private final SimCluster cluster;
    private final SimWorld world;
    private final long endMs;
    private final int pauseMaxMs;
    private final List<Fault> mix = new ArrayList<>();

    SimFaults(SimCluster cluster, long endMs) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.endMs = endMs;
        this.pauseMaxMs = world.between(100, 1_500);
        for (Fault fault : Fault.values()) {
            if (world.chance(0.6)) {
                for (int weight = world.between(1, 4); weight > 0; weight--) {
                    mix.add(fault);
                }
            }
        }
        if (!mix.isEmpty()) {
            world.after(world.between(500, 2_000), this::next);
        }
    }

    private void next() {
        if (world.nowMs() >= endMs) {
            return;
        }
        Fault fault = mix.get(world.between(0, mix.size() - 1));
        SimMachine machine = cluster.machine(world.between(1, cluster.size()));
        world.trace(() -> "FAULT " + fault + " at broker " + machine.id());
        strike(fault, machine);
        world.after(world.between(20, pauseMaxMs), this::next);
    }

    private void strike(Fault fault, SimMachine machine) {
        switch (fault) {
            case CRASH -> {
                machine.crash();
                restartLater(machine);
            }
            case POWER_CUT_OF_ALL -> {
                if (cluster.flushMode() == FlushMode.COMMIT) {
                    cluster.machines().forEach(SimMachine::losePower);
                    cluster.machines().forEach(this::restartLater);
                }
            }
            case POWER_CUT -> {
                if (cluster.flushMode() == FlushMode.COMMIT || isDispensable(machine)) {
                    machine.losePower();
                    restartLater(machine);
                }
            }
            case WIPE -> {
                if (isDispensable(machine)) {
                    machine.wipe();
                    restartLater(machine);
                }
            }
            case PAUSE -> {
                if (machine.isRunning()) {
                    machine.process().pauseUntil(world.nowMs() + world.between(50, 6_000));
                }
            }
            case CUT_ONE_WAY -> cluster.network().cut(machine.id(), otherThan(machine));
            case CUT_BOTH_WAYS -> cutBothWays(machine.id(), otherThan(machine));
            case CUT_FROM_CONTROLLER -> cutBothWays(machine.id(), SimNetwork.CONTROLLER);
            case HEAL_NETWORK -> cluster.network().healAll();
            case BREAK_STREAM -> {
                SimStream stream = machine.isRunning() ? machine.process().anyStream() : null;
                if (stream != null) {
                    stream.breakNow();
                }
            }
            case SLOW_FSYNC -> {
                machine.slowDisk(world.between(50, 8_000));
                world.after(world.between(500, 10_000), machine::healDisk);
            }
            case SLOW_CONTROLLER -> cluster.network().delayController(world.between(20, 2_000));
            case DRAIN -> drain(machine);
        }
    }

    private void cutBothWays(int one, int other) {
        cluster.network().cut(one, other);
        cluster.network().cut(other, one);
        if (world.chance(0.7)) {
            world.after(world.between(200, 8_000), cluster.network()::healAll);
        }
    }

    private int otherThan(SimMachine machine) {
        return (machine.id() + world.between(0, cluster.size() - 2)) % cluster.size() + 1;
    }

    private void restartLater(SimMachine machine) {
        world.after(world.between(50, 6_000), machine::start);
    }

    /** An orderly stop and start. */
    private void drain(SimMachine machine) {
        if (!machine.isRunning()) {
            return;
        }
        SimProcess process = machine.process();
        cluster.controller()
                .command(new MetadataCommand.DrainBroker(new BrokerRef(process.brokerId(), process.brokerEpoch())));
        world.after(world.between(100, 1_000), () -> {
            if (machine.process() == process) {
                machine.crash();
                restartLater(machine);
            }
        });
    }

    /**
     * True where the written contract (P3) lets this machine lose records: for each of its partitions another member of
     * the in-sync or eligible set has everything; no other loss is still unknown to the metadata (the survivor might be
     * fenced first, and taken for the one that lags); and the minimum keeps the set from shrinking to this one alone.
     */
    private boolean isDispensable(SimMachine machine) {
        boolean otherLoss = cluster.machines().stream()
                .filter(other -> other != machine)
                .flatMap(other -> other.disks().values().stream())
                .anyMatch(SimDisk::isLost);
        if (otherLoss || cluster.minimum() < 2) {
            return false;
        }
        for (PartitionId partition : cluster.partitions()) {
            PartitionImage image = cluster.partitionImage(partition);
            List<BrokerId> holders = new ArrayList<>(image.isr());
            holders.addAll(image.eligible());
            if (holders.stream().noneMatch(holder -> holder.value() != machine.id())) {
                return false;
            }
        }
        return true;
    }
}
