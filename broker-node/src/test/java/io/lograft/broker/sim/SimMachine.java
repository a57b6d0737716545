package io.lograft.broker.sim;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.io.IOException;

/** A broker's machine: its disk, its clock, and the process that runs on it, if one does. */
final class SimMachine {
    private static final long WALL_MS = 1_700_000_000_000L;
    private static final int FSYNC_MS_MAX = 8;

    private final SimCluster cluster;
    private final SimWorld world;
    private final int id;
    private final SimStorage storage;

    private SimProcess process;
    private int fsyncMaxMs = FSYNC_MS_MAX;
    private boolean isDiskStuck;
    private boolean hasFailedFsync;
    private long clockAheadMs;

    SimMachine(SimCluster cluster, int id) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.id = id;
        this.storage = new SimStorage(world, cluster.mutation(), this::wallMs);
    }

    int id() {
        return id;
    }

    SimStorage storage() {
        return storage;
    }

    /** Null while none runs. */
    SimProcess process() {
        return process;
    }

    boolean isRunning() {
        return process != null;
    }

    /** What its clock on the wall says; nothing but the log's own times may depend on it. */
    long wallMs() {
        return WALL_MS + world.nowMs() + clockAheadMs;
    }

    // ---- life and death

    void start() {
        if (process != null) {
            return;
        }
        world.trace(() -> "broker " + id + " starts");
        if (hasFailedFsync) {
            // Until the machine itself is started anew, its broker must refuse to use that disk.
            requireRefusal();
            losePower();
        }
        SimProcess fresh = new SimProcess(cluster, this);
        process = fresh;
        fresh.begin();
    }

    private void requireRefusal() {
        try {
            LogDirectory.open(storage.files(), storage.bootId()).close();
            throw new SimulationFailure("P1 broken: broker " + id + " would use a disk whose fsync has failed");
        } catch (IOException refused) {
            world.trace(() -> "broker " + id + " does not start: " + refused.getMessage());
        }
    }

    /** The process is killed; the page cache stays. */
    void crash() {
        if (process != null) {
            world.trace(() -> "broker " + id + " is killed");
            end(0);
            storage.processDied();
        }
    }

    /** The process has ended by itself in an orderly way. */
    void stopped() {
        end(0);
        storage.processDied();
    }

    private void end(int silentMs) {
        SimProcess gone = process;
        process = null;
        gone.kill(silentMs);
    }

    void losePower() {
        if (process != null) {
            // Nobody sends a word: peers learn of it by silence, or when the machine answers again.
            end(world.between(0, 1_500));
        }
        world.trace(() -> "broker " + id + " loses power");
        storage.losePower();
        hasFailedFsync = false;
    }

    void wipe() {
        crash();
        world.trace(() -> "broker " + id + " loses its disk");
        storage.wipe();
        hasFailedFsync = false;
    }

    void putCopyBack() {
        crash();
        world.trace(() -> "broker " + id + " gets an old copy of its disk");
        storage.putCopyBack();
        hasFailedFsync = false;
    }

    /** An operation of the disk failed under this process, one that it cannot go on without. */
    void failed(SimProcess user, IOException failure) {
        if (process != user) {
            return;
        }
        world.trace(() -> "the disk of broker " + id + " fails: " + failure);
        if (failure instanceof FaultyFileStore.PowerCut) {
            losePower();
        } else if (failure instanceof DiskFullException) {
            // Nothing is wrong with what the disk has; the process has to wait for room.
            crash();
        } else {
            // As the broker does it: the directory is marked, and the process ends.
            storage.heal();
            user.markDiskFailed();
            hasFailedFsync = true;
            crash();
        }
        cluster.restartLater(this);
    }

    /** Whether its replica, if there is one, says so, and knows no other setting. */
    boolean hasFlushMode(PartitionId partition, FlushMode mode) {
        SimLog log = storage.content(partition);
        SimReplica replica = process == null ? null : process.replica(partition);
        return (log == null || log.flushMode() == mode) && (replica == null || replica.isToldFlushMode(mode));
    }

    // ---- the disk and the clock

    void slowDisk(int newFsyncMaxMs) {
        fsyncMaxMs = newFsyncMaxMs;
    }

    void stickDisk() {
        isDiskStuck = true;
    }

    boolean isDiskStuck() {
        return isDiskStuck;
    }

    void healDisk() {
        fsyncMaxMs = FSYNC_MS_MAX;
        isDiskStuck = false;
        storage.heal();
    }

    long fsyncMs() {
        return world.between(1, fsyncMaxMs);
    }

    void jumpClock(long byMs) {
        clockAheadMs += byMs;
    }
}
