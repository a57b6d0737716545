package io.lograft.broker.sim;

import io.lograft.broker.log.FlushRound;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.model.FlushMode;
import java.io.IOException;

/** Group commit of one replica: one round at a time; what is appended meanwhile waits for the next. */
final class SimFlusher {
    private static final long STUCK_CHECK_MS = 50;

    private final SimReplica replica;
    private final SimProcess process;
    private final SimMachine machine;
    private final SimWorld world;
    private final SimReplicaLog log;
    private FlushRound round;
    private boolean isRoundDone;
    private boolean hasEnded;
    private Runnable atIdle;

    SimFlusher(SimReplica replica, SimProcess process, SimMachine machine, SimWorld world) {
        this.replica = replica;
        this.process = process;
        this.machine = machine;
        this.world = world;
        this.log = replica.log();
    }

    /** Begins a round unless one runs; with {@code flush.mode=os} now and then only. */
    void flushSoon() {
        if (round != null || hasEnded || !log.needsFlush()) {
            return;
        }
        boolean background = log.content().flushMode() == FlushMode.OS && replica.isToldFlushMode(FlushMode.OS);
        if (background && !world.chance(0.05)) {
            return;
        }
        round = log.beginFlush();
        isRoundDone = false;
        world.after(machine.fsyncMs(), this::force);
    }

    private void force() {
        if (!process.isAlive() || isRoundDone) {
            return;
        }
        if (process.isPaused()) {
            world.after(process.resumeAtMs() - world.nowMs(), this::force);
            return;
        }
        if (machine.isDiskStuck()) {
            world.after(STUCK_CHECK_MS, this::force);
            return;
        }
        try {
            round.run();
        } catch (DiskFullException full) {
            world.trace(() -> replica + " cannot flush: " + full.getMessage());
        } catch (IOException failed) {
            machine.failed(process, failed);
            return;
        }
        isRoundDone = true;
        // The disk has it some time before the replica hears of it.
        world.after(world.between(0, 2), this::complete);
    }

    private void complete() {
        if (!process.isAlive() || round == null) {
            return;
        }
        FlushRound done = round;
        round = null;
        try {
            if (log.completeFlush(done) && !hasEnded) {
                replica.post(ReplicaEvent.Flushed.INSTANCE);
            }
        } catch (IOException failed) {
            machine.failed(process, failed);
            return;
        }
        if (atIdle != null) {
            Runnable task = atIdle;
            atIdle = null;
            task.run();
        } else {
            flushSoon();
        }
    }

    /** Runs the task once no round is under way; none begins any more. */
    void whenIdle(Runnable task) {
        hasEnded = true;
        if (round == null) {
            task.run();
        } else {
            atIdle = task;
        }
    }

    /** Ends the round that is under way, at once; for an orderly stop. */
    void finish() throws IOException {
        hasEnded = true;
        if (round != null) {
            if (!isRoundDone) {
                round.run();
                isRoundDone = true;
            }
            log.completeFlush(round);
            round = null;
        }
    }
}
