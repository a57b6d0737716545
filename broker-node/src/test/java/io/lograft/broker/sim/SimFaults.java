package io.lograft.broker.sim;

import io.lograft.broker.log.io.CheckpointFile;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What goes wrong, drawn from the seed: the mix, and when and to whom. */
final class SimFaults {
    private enum Fault {
        CRASH,
        POWER_CUT_OF_ALL,
        POWER_CUT,
        POWER_CUT_IN_AN_OPERATION,
        WIPE,
        FLIPPED_BIT,
        OLD_COPY,
        DISK_FULL,
        DISK_FAILS,
        SLOW_FSYNC,
        STUCK_FSYNC,
        CLOCK_JUMP,
        PAUSE,
        CUT_ONE_WAY,
        CUT_BOTH_WAYS,
        ISOLATE,
        CUT_FROM_CONTROLLER,
        HEAL_NETWORK,
        BREAK_STREAM,
        BREAK_SESSION,
        SLOW_SESSIONS,
        SLOW_QUORUM,
        CHANGE_CONTROLLER,
        CRASH_CONTROLLER,
        DRAIN,
        TOPIC_ANEW,
        DAMAGE_IS_READ,
        DELETE_RECORDS,
        /** Not drawn: part of every mix of the runs that change settings. */
        CHANGE_SETTINGS
    }

    private static final int TOPICS_MAX = 4;

    private final SimCluster cluster;
    private final SimWorld world;
    private final long endMs;
    private final int pauseMaxMs;
    private final List<Fault> mix = new ArrayList<>();
    private int topics = 1;

    SimFaults(SimCluster cluster, long endMs) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.endMs = endMs;
        this.pauseMaxMs = world.between(100, 1_500);
        for (Fault fault : Fault.values()) {
            if (fault != Fault.CHANGE_SETTINGS && world.chance(0.5) && isOfThisRun(fault)) {
                for (int weight = world.between(1, 4); weight > 0; weight--) {
                    mix.add(fault);
                }
            }
        }
    }

    /** Together with lost tails the loss of a disk would leave the choice of a leader to an operator. */
    private boolean isOfThisRun(Fault fault) {
        return switch (fault) {
            case WIPE, FLIPPED_BIT, OLD_COPY, DAMAGE_IS_READ -> !cluster.losesTails();
            default -> true;
        };
    }

    void begin() {
        if (cluster.losesTails()) {
            mix.addAll(List.of(Fault.POWER_CUT_OF_ALL, Fault.POWER_CUT));
        }
        if (cluster.changesSettings()) {
            mix.addAll(List.of(Fault.CHANGE_SETTINGS, Fault.CHANGE_SETTINGS, Fault.CHANGE_SETTINGS));
        }
        world.trace(() -> "FAULTS " + mix);
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
            case CRASH, POWER_CUT_OF_ALL, POWER_CUT, POWER_CUT_IN_AN_OPERATION, PAUSE, DRAIN, CRASH_CONTROLLER ->
                strikeProcess(fault, machine);
            case WIPE,
                    FLIPPED_BIT,
                    DAMAGE_IS_READ,
                    OLD_COPY,
                    DISK_FULL,
                    DISK_FAILS,
                    SLOW_FSYNC,
                    STUCK_FSYNC,
                    CLOCK_JUMP -> strikeDisk(fault, machine);
            case CUT_ONE_WAY, CUT_BOTH_WAYS, ISOLATE, CUT_FROM_CONTROLLER, HEAL_NETWORK, BREAK_STREAM ->
                strikeNetwork(fault, machine);
            case BREAK_SESSION -> {
                if (machine.isRunning()) {
                    machine.process().session().breakSession();
                }
            }
            case SLOW_SESSIONS -> cluster.network().delaySessions(world.between(20, 2_000));
            case SLOW_QUORUM -> cluster.quorum().slow(world.nowMs() + world.between(500, 5_000));
            case DELETE_RECORDS -> deleteRecords(machine);
            case CHANGE_SETTINGS -> cluster.changeSetting();
            case CHANGE_CONTROLLER -> cluster.quorum().depose();
            case TOPIC_ANEW -> {
                if (topics < TOPICS_MAX && world.chance(0.3)) {
                    topics++;
                    cluster.makeTopicAnew();
                }
            }
        }
    }

    /** Somebody deletes records at one who may lead. */
    private void deleteRecords(SimMachine machine) {
        if (cluster.partitions().isEmpty()) {
            return;
        }
        PartitionId partition = anyPartition();
        if (cluster.holdsGroups(partition)) {
            return;
        }
        int leader =
                cluster.partitionImage(partition).map(PartitionImage::leader).orElse(-1);
        SimProcess process = world.chance(0.9) ? cluster.process(leader) : machine.process();
        SimReplica replica = process == null ? null : process.replica(partition);
        if (replica != null) {
            long end = cluster.checker().committedEnd(partition);
            long before = world.chance(0.2) ? -1 : world.between(0, (int) end + 3);
            replica.delete(before, done -> {
                if (done.code() == ErrorCode.NONE) {
                    int epoch = replica.core().configuration().orElseThrow().leaderEpoch();
                    cluster.checker().deleted(partition, epoch, Math.max(before, 0));
                }
            });
        }
    }

    // ---- processes

    private void strikeProcess(Fault fault, SimMachine machine) {
        switch (fault) {
            case CRASH -> {
                machine.crash();
                cluster.restartLater(machine);
            }
            case CRASH_CONTROLLER -> {
                SimController controller = cluster.quorum().current();
                if (controller != null && controller.host().isAlive()) {
                    controller.host().machine().crash();
                    cluster.restartLater(controller.host().machine());
                }
            }
            case POWER_CUT_OF_ALL -> {
                if (cluster.mayLosePower()) {
                    cluster.machines().forEach(SimMachine::losePower);
                    cluster.machines().forEach(cluster::restartLater);
                }
            }
            case POWER_CUT -> {
                if (cluster.mayLosePower() || isDispensable(machine)) {
                    machine.losePower();
                    cluster.restartLater(machine);
                }
            }
            case POWER_CUT_IN_AN_OPERATION -> {
                if (cluster.mayLosePower()) {
                    machine.storage().losePowerSoon();
                }
            }
            case PAUSE -> {
                if (machine.isRunning()) {
                    machine.process().pauseUntil(world.nowMs() + world.between(50, 6_000));
                }
            }
            case DRAIN -> drain(machine);
            default -> throw new IllegalStateException("no fault of a process: " + fault);
        }
    }

    /** An orderly stop and start. */
    private void drain(SimMachine machine) {
        if (!machine.isRunning()) {
            return;
        }
        SimProcess process = machine.process();
        process.session().drain();
        world.after(world.between(100, 1_000), () -> {
            if (machine.process() != process) {
                return;
            }
            if (process.isPaused() || machine.isDiskStuck()) {
                machine.crash();
            } else {
                process.stopCleanly();
            }
            cluster.restartLater(machine);
        });
    }

    // ---- disks

    private void strikeDisk(Fault fault, SimMachine machine) {
        switch (fault) {
            case WIPE -> {
                if (isDispensable(machine)) {
                    machine.wipe();
                    cluster.restartLater(machine);
                }
            }
            case FLIPPED_BIT -> {
                if (isDispensable(machine)) {
                    machine.crash();
                    flipBit(machine);
                    cluster.restartLater(machine);
                }
            }
            case DAMAGE_IS_READ -> {
                if (machine.isRunning() && isDispensable(machine)) {
                    machine.process().host().giveUp(anyPartition());
                }
            }
            case OLD_COPY -> oldCopy(machine);
            case DISK_FULL -> {
                machine.storage().leaveRoom(world.between(0, 5_000));
                world.after(world.between(200, 6_000), machine::healDisk);
            }
            case DISK_FAILS -> {
                if (cluster.mayLosePower()) {
                    machine.storage().failSoon();
                }
            }
            case SLOW_FSYNC -> {
                machine.slowDisk(world.between(50, 8_000));
                world.after(world.between(500, 10_000), machine::healDisk);
            }
            case STUCK_FSYNC -> {
                machine.stickDisk();
                world.after(world.between(500, 15_000), machine::healDisk);
            }
            case CLOCK_JUMP -> machine.jumpClock(world.between(-600_000, 600_000));
            default -> throw new IllegalStateException("no fault of a disk: " + fault);
        }
    }

    private PartitionId anyPartition() {
        return cluster.partitions().get(world.between(0, cluster.partitions().size() - 1));
    }

    private void flipBit(SimMachine machine) {
        if (cluster.partitions().isEmpty()) {
            return;
        }
        PartitionId partition = anyPartition();
        if (machine.storage().content(partition) == null) {
            return;
        }
        try {
            String name = "events " + partition.partition() + " ";
            long recoveryPoint =
                    CheckpointFile.read(machine.storage().files(), "recovery-point-offset-checkpoint").stream()
                            .flatMap(List::stream)
                            .filter(line -> line.startsWith(name))
                            .mapToLong(line -> Long.parseLong(line.substring(name.length())))
                            .findFirst()
                            .orElse(0);
            boolean isFlipped = machine.storage().flipBit(partition, SimCluster.directoryOf(partition), recoveryPoint);
            world.trace(() -> "a bit is flipped at broker " + machine.id() + ": " + isFlipped);
        } catch (IOException failed) {
            throw new SimulationFailure("the disk of broker " + machine.id() + " cannot be read: " + failed);
        }
    }

    /** Clones the disk, or puts the clone back, if it is of an earlier registration. */
    private void oldCopy(SimMachine machine) {
        long lastUnfenced = cluster.quorum()
                .image()
                .broker(new BrokerId(machine.id()))
                .map(BrokerImage::lastUnfencedEpoch)
                .orElse(-1L);
        long copied = machine.storage().copyBrokerEpoch();
        if (copied < 0) {
            machine.storage().copy();
            // The next registration makes the copy an old one.
            if (world.chance(0.5)) {
                machine.crash();
                cluster.restartLater(machine);
            }
        } else if (copied < lastUnfenced && isDispensable(machine)) {
            machine.putCopyBack();
            cluster.restartLater(machine);
        }
    }

    /**
     * True where the written contract (P3) lets this machine lose records: for each of its partitions another member of
     * the in-sync or eligible set has everything; no other loss is still unknown to the metadata (the survivor might be
     * fenced first, and taken for the one that lags); and the minimum keeps the set from shrinking to this one alone.
     */
    private boolean isDispensable(SimMachine machine) {
        boolean otherLoss = cluster.machines().stream()
                .filter(other -> other != machine)
                .anyMatch(other -> other.storage().hasLosses()
                        || (other.isRunning() && other.process().host().hasGivenUp()));
        if (otherLoss || cluster.minimum() < 2 || cluster.partitions().isEmpty()) {
            return false;
        }
        for (PartitionId partition : cluster.partitions()) {
            PartitionImage image = cluster.partitionImage(partition).orElseThrow();
            List<BrokerId> holders = new ArrayList<>(image.isr());
            holders.addAll(image.eligible());
            if (holders.stream().noneMatch(holder -> holder.value() != machine.id())) {
                return false;
            }
        }
        return true;
    }

    // ---- the network

    private void strikeNetwork(Fault fault, SimMachine machine) {
        switch (fault) {
            case CUT_ONE_WAY -> cluster.network().cut(machine.id(), otherThan(machine));
            case CUT_BOTH_WAYS -> {
                cutBothWays(machine.id(), otherThan(machine));
                healLater();
            }
            case ISOLATE -> {
                for (SimMachine other : cluster.machines()) {
                    cutBothWays(machine.id(), other.id());
                }
                healLater();
            }
            case CUT_FROM_CONTROLLER -> {
                SimController controller = cluster.quorum().current();
                if (controller != null) {
                    cutBothWays(machine.id(), controller.host().id());
                    healLater();
                }
            }
            case HEAL_NETWORK -> cluster.network().healAll();
            case BREAK_STREAM -> {
                SimStream stream =
                        machine.isRunning() ? machine.process().links().any() : null;
                if (stream != null) {
                    stream.breakNow();
                }
            }
            default -> throw new IllegalStateException("no fault of the network: " + fault);
        }
    }

    private void cutBothWays(int one, int other) {
        cluster.network().cut(one, other);
        cluster.network().cut(other, one);
    }

    private void healLater() {
        if (world.chance(0.7)) {
            world.after(world.between(200, 8_000), cluster.network()::healAll);
        }
    }

    private int otherThan(SimMachine machine) {
        return (machine.id() + world.between(0, cluster.size() - 2)) % cluster.size() + 1;
    }
}
