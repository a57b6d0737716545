package io.lograft.broker.sim;

import io.lograft.broker.log.AppendResult;
import io.lograft.broker.log.FlushRound;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.retention.RetentionPolicy;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.replica.ReplicaLog;
import io.lograft.broker.replica.runtime.LogViews;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.FlushMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;

/**
 * The real log of one replica, with a second account of what is in it: whatever was appended is read back and noted
 * there, so that whole logs can be compared at any time, also those of machines that are down.
 */
final class SimReplicaLog {
    private static final int READ_BYTES = 1 << 16;

    private final PartitionLog log;
    private final SimLog content;
    private final LongUnaryOperator hashes;
    private final SimMachine machine;

    SimReplicaLog(PartitionLog log, SimLog content, LongUnaryOperator hashes, SimMachine machine) {
        this.hashes = hashes;
        this.log = log;
        this.content = content;
        this.machine = machine;
    }

    /** Reads a whole log from its files; {@code hashes} tells what belongs before it. */
    static SimLog read(PartitionLog log, LongUnaryOperator hashes) throws IOException {
        SimLog content = new SimLog(log.flushMode(), hashes);
        content.startOver(log.logStartOffset());
        content.logStartRecorded(log.recordedLogStart());
        note(log, content);
        content.recover();
        return content;
    }

    private static List<SimBatch> note(PartitionLog log, SimLog content) throws IOException {
        List<SimBatch> fresh = new ArrayList<>();
        while (content.logEndOffset() < log.logEndOffset()) {
            List<SimBatch> batches = SimBatch.decode(bytes(log, content.logEndOffset(), READ_BYTES));
            String problem = content.appendReplicated(batches, Integer.MAX_VALUE);
            if (problem != null || batches.isEmpty()) {
                throw new SimulationFailure("R6 broken: " + log.name() + ": " + problem);
            }
            fresh.addAll(batches);
        }
        return fresh;
    }

    private static ByteBuffer bytes(PartitionLog log, long offset, int maxBytes) throws IOException {
        if (!(log.read(offset, maxBytes, Long.MAX_VALUE) instanceof LogRead.Batches read)) {
            throw new SimulationFailure("R6 broken: " + log.name() + " has no offset " + offset);
        }
        ByteBuffer all = ByteBuffer.allocate(read.sizeBytes());
        for (ByteBuffer slice : read.slices()) {
            all.put(slice.duplicate());
        }
        return all.flip();
    }

    // ---- what the replica asks

    ReplicaLog port() {
        return LogViews.of(log);
    }

    /** What is in it. */
    SimLog content() {
        return content;
    }

    LogDirectory.Checkpoint checkpoint(long highWatermark) {
        return new LogDirectory.Checkpoint(
                log.recoveryPoint(), Math.min(highWatermark, log.flushedOffset()), log.logStartOffset());
    }

    /** True where a new log start is recorded with that. */
    boolean checkpointed(LogDirectory.Checkpoint checkpoint) throws IOException {
        long before = log.recordedLogStart();
        log.recorded(checkpoint.recoveryPoint(), checkpoint.logStartOffset());
        content.logStartRecorded(log.recordedLogStart());
        return log.recordedLogStart() != before;
    }

    /** What the log knows of producers from batches below an offset. */
    byte[] producersBelow(long offset) {
        return ProducerSnapshot.encode(log.producersBelow(offset));
    }

    /** Where retention wants the log to start. */
    long retained(RetentionConfig retention, long highWatermark) {
        return RetentionPolicy.logStart(log.retained(), retention, highWatermark, OptionalLong.of(machine.wallMs()));
    }

    // ---- changes

    /** Appends a client's batch; returns it as it is in the log. */
    List<SimBatch> append(ByteBuffer batch, int leaderEpoch, long expectedOffset) throws IOException {
        AppendResult.Appended result = log.appendAsLeader(batch, leaderEpoch, machine.wallMs());
        if (result.firstOffset() != expectedOffset) {
            throw new SimulationFailure(
                    "R6 broken: " + log.name() + " appended at " + result.firstOffset() + ", not " + expectedOffset);
        }
        return note(log, content);
    }

    /** Appends what a leader sent, and adds what is in the log now; false where the log refuses it. */
    boolean appendReplicated(ByteBuffer batches, List<SimBatch> fresh) throws IOException {
        try {
            if (!(log.appendAsFollower(batches, machine.wallMs()) instanceof AppendResult.Appended)) {
                return false;
            }
        } catch (DiskFullException full) {
            // The first of them may have found room.
            fresh.addAll(note(log, content));
            throw full;
        }
        // The first batch may begin before the log does; then the log has started over, and its start is to be recorded
        // anew.
        content.logStartRecorded(log.recordedLogStart());
        fresh.addAll(note(log, content));
        return true;
    }

    void truncateTo(long offset) throws IOException {
        // Noted first: when the power goes in the middle, what is to be dropped may be there still or not.
        content.truncateTo(offset);
        orAsBefore(() -> log.truncateTo(offset, machine.wallMs()));
    }

    void startOver(long offset, List<ProducerStates.Entry> producers) throws IOException {
        content.startOver(offset);
        orAsBefore(() -> log.startOver(offset, 0, producers));
    }

    void advanceLogStart(long offset) throws IOException {
        content.advanceLogStart(offset);
        log.advanceLogStart(offset);
        requireEqualEnds();
    }

    private interface Change {
        void run() throws IOException;
    }

    /** Where a change finds no room on the disk, the log stays as it was. */
    private void orAsBefore(Change change) throws IOException {
        try {
            change.run();
        } catch (DiskFullException full) {
            if (content.logStartOffset() != log.logStartOffset()) {
                content.startOver(log.logStartOffset());
            }
            note(log, content);
            content.flushedTo(log.flushedOffset());
            requireEqualEnds();
            throw full;
        }
        requireEqualEnds();
    }

    void recordFlushMode(FlushMode mode) throws IOException {
        log.recordFlushMode(mode);
        content.recordFlushMode(mode);
    }

    private void requireEqualEnds() {
        if (content.logStartOffset() != log.logStartOffset()) {
            throw new SimulationFailure("R6 broken: " + log.name() + " starts at " + log.logStartOffset() + ", not at "
                    + content.logStartOffset());
        }
        if (content.logEndOffset() != log.logEndOffset() || content.lastEpoch() != log.lastEpoch()) {
            throw new SimulationFailure("R6 broken: " + log.name() + " ends at " + log.logEndOffset() + " in epoch "
                    + log.lastEpoch() + ", not at " + content.logEndOffset() + " in epoch " + content.lastEpoch());
        }
    }

    // ---- reads

    /** Whole batches from an offset on; empty where there are none. */
    ByteBuffer read(long offset, int maxBytes) throws IOException {
        return maxBytes == 0 || offset >= log.logEndOffset() ? ByteBuffer.allocate(0) : bytes(log, offset, maxBytes);
    }

    /** As a broker's coordinator reads it. */
    LogRead readCommitted(long offset, int maxBytes, long endOffset) throws IOException {
        return log.read(offset, maxBytes, endOffset);
    }

    // ---- flushing

    boolean needsFlush() {
        return log.needsFlush();
    }

    FlushRound beginFlush() {
        return log.beginFlush();
    }

    /** True where the round counts. */
    boolean completeFlush(FlushRound round) throws IOException {
        boolean counts = log.completeFlush(round);
        content.flushedTo(log.flushedOffset());
        return counts;
    }

    // ---- time and the end

    void tick() throws IOException {
        log.tick(machine.wallMs());
        for (Deletion segment : log.takeDiscarded()) {
            segment.run();
        }
    }

    void closeCleanly() throws IOException {
        log.closeCleanly();
        content.flushedTo(content.logEndOffset());
    }

    void abandon() {
        log.abandon();
    }

    /** Compares the files with what was noted. */
    void verify() throws IOException {
        SimLog found = read(log, hashes);
        long end = content.logEndOffset();
        if (found.logEndOffset() != end || found.prefixHash(end) != content.prefixHash(end)) {
            throw new SimulationFailure("R6 broken: the files of " + log.name() + " do not have what was appended");
        }
    }
}
