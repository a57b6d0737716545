package io.lograft.broker.sim;

import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * A machine's disk: files that lose in a power cut what was not forced. Outlives the processes. Besides the files it
 * keeps, for each log, what is known to be in it: after a restart that has to be there again, unless the disk was damaged.
 */
final class SimStorage {
    private final SimWorld world;
    private final Mutation mutation;
    private final LongSupplier wallMs;
    private FaultyFileStore files = new FaultyFileStore();
    private FaultyFileStore oldCopy;
    private long oldCopyBrokerEpoch = -1;
    private long recordedBrokerEpoch = -1;
    private int boots = 1;
    /** The logs; as long as no process runs, the part of them that must have survived. */
    private final Map<PartitionId, SimLog> contents = new TreeMap<>();
    /** Which replicas the disk may have lost something of, and by which loss, until the metadata know. */
    private final Map<PartitionId, Integer> losses = new TreeMap<>();

    /** Those of {@link #losses} that may be of more than a tail which was not flushed. */
    private final Set<PartitionId> lostByDisk = new TreeSet<>();

    /** Where a bit was flipped, until the log is made anew. */
    private final Map<PartitionId, String> damagedFiles = new TreeMap<>();

    /** Damaged logs that were deleted: a power cut may bring their files back, or some of them. */
    private final Set<PartitionId> deletedDamaged = new TreeSet<>();

    private int lossCount;
    /** The last loss of the whole disk, until the metadata know; 0 for none. */
    private int wholeLoss;
    /** The last damage that was read, until the metadata know; 0 for none. */
    private int finding;

    SimStorage(SimWorld world, Mutation mutation, LongSupplier wallMs) {
        this.wallMs = wallMs;
        files.clock(wallMs);
        this.world = world;
        this.mutation = mutation;
    }

    FileStore files() {
        return mutation == Mutation.FSYNC_SKIPPED || mutation == Mutation.DIRECTORY_SYNC_SKIPPED
                ? new CarelessStore(files, mutation)
                : files;
    }

    String bootId() {
        return "boot-" + boots;
    }

    // ---- what is in the logs

    /** Null where the machine has no such log. */
    SimLog content(PartitionId partition) {
        return contents.get(partition);
    }

    void created(PartitionId partition, SimLog empty) {
        contents.put(partition, empty);
        damagedFiles.remove(partition);
    }

    void deleted(PartitionId partition) {
        contents.remove(partition);
        losses.remove(partition);
        lostByDisk.remove(partition);
        if (damagedFiles.remove(partition) != null) {
            deletedDamaged.add(partition);
        }
    }

    /** No power cut brings it back. */
    void deletedForGood(PartitionId partition) {
        deletedDamaged.remove(partition);
    }

    /** A log was recovered, and this was found in it. */
    void recovered(PartitionId partition, SimLog found) {
        SimLog before = contents.put(partition, found);
        String damaged = damagedFiles.get(partition);
        if (damaged != null) {
            throw new SimulationFailure("P3 broken: damage of " + damaged + " went unnoticed");
        }
        if (before == null || lostByDisk.contains(partition)) {
            return;
        }
        long end = before.logEndOffset();
        if (found.logStartOffset() < before.recordedLogStartOffset()) {
            throw new SimulationFailure("P4, log start broken: " + partition + " was recovered from "
                    + found.logStartOffset() + " on, recorded was " + before.recordedLogStartOffset());
        }
        // An empty log has nothing that could be lacking; all of it may be deleted, or a start anew was under way.
        boolean hasRecords = end > found.logStartOffset() && end > before.logStartOffset();
        if (hasRecords && found.prefixHash(end) != before.prefixHash(end)) {
            throw new SimulationFailure("P1, R6 broken: " + partition + " was recovered up to " + found.logEndOffset()
                    + " and lacks or changed what was safe below " + end);
        }
    }

    /** Recovery found the log of this partition damaged. */
    void foundDamaged(PartitionId partition, String what) {
        if (!damagedFiles.containsKey(partition) && !deletedDamaged.contains(partition)) {
            throw new SimulationFailure(
                    "P3 broken: " + partition + " is taken for damaged, though nothing was: " + what);
        }
        contents.remove(partition);
    }

    // ---- what the disk has lost

    /** True from the moment that the disk lost something until the metadata know. */
    boolean isLost(PartitionId partition) {
        return losses.containsKey(partition);
    }

    boolean hasLosses() {
        return !losses.isEmpty() || wholeLoss > 0 || finding > 0;
    }

    List<PartitionId> lost() {
        return List.copyOf(losses.keySet());
    }

    int lossCount() {
        return lossCount;
    }

    /** The metadata know of the losses up to that one, and the directory that they do. */
    void lossesTold(int upTo) {
        losses.values().removeIf(number -> number <= upTo);
        lostByDisk.retainAll(losses.keySet());
        wholeLoss = wholeLoss <= upTo ? 0 : wholeLoss;
        finding = finding <= upTo ? 0 : finding;
    }

    /** A read met damage: a loss like others until it is told, also where the process that met it is gone before. */
    void damageIsRead() {
        lossCount++;
        finding = lossCount;
    }

    private void loseAll() {
        lossCount++;
        wholeLoss = lossCount;
        contents.keySet().forEach(partition -> losses.put(partition, lossCount));
        lostByDisk.addAll(contents.keySet());
        deletedDamaged.clear();
        damagedFiles.clear();
    }

    // ---- faults

    /** The process is gone, and its files are closed; the page cache stays. */
    void processDied() {
        files.crash(FaultyFileStore.Loss.NONE, 0);
    }

    /** The machine loses power and, with it, all or some of what was not forced. */
    void losePower() {
        boolean isDamaged = !damagedFiles.isEmpty();
        boolean wasMarked = files.exists(".clean-shutdown");
        // A second loss on top of damage might take away what proves that it is damage.
        FaultyFileStore.Loss loss = isDamaged
                ? FaultyFileStore.Loss.NONE
                : world.chance(0.3) ? FaultyFileStore.Loss.ALL : FaultyFileStore.Loss.SOME;
        files.crash(loss, world.nextLong());
        boots++;
        // The mark comes back where its removal is not durable yet; nothing can have been written since.
        boolean isMarked = files.exists(".clean-shutdown")
                && contents.values().stream().allMatch(log -> log.flushedOffset() == log.logEndOffset());
        boolean isAllFlushed = wasMarked || isMarked;
        contents.forEach((partition, log) -> {
            long recordedStart = log.recordedLogStartOffset();
            log.truncateTo(log.flushedOffset());
            log.logStartRecorded(recordedStart);
            if (log.flushMode() == FlushMode.OS && !isAllFlushed) {
                lossCount++;
                losses.put(partition, lossCount);
            }
        });
    }

    /** A new, empty disk. */
    void wipe() {
        loseAll();
        contents.clear();
        files = new FaultyFileStore();
        files.clock(wallMs);
        recordedBrokerEpoch = -1;
    }

    void brokerEpochRecorded(long epoch) {
        recordedBrokerEpoch = epoch;
    }

    /** Clones the disk, for {@link #putCopyBack}. */
    void copy() {
        if (!damagedFiles.isEmpty()) {
            return;
        }
        oldCopy = files.copy();
        oldCopyBrokerEpoch = recordedBrokerEpoch;
    }

    /** The registration under which the clone was in use; -1 where there is none. */
    long copyBrokerEpoch() {
        return oldCopy == null ? -1 : oldCopyBrokerEpoch;
    }

    void putCopyBack() {
        loseAll();
        contents.clear();
        files = oldCopy;
        oldCopy = null;
        recordedBrokerEpoch = oldCopyBrokerEpoch;
        boots++;
    }

    /** The disk takes so many more bytes. */
    void leaveRoom(int bytes) {
        files.capacityBytes(Long.MAX_VALUE);
        long used = Long.MAX_VALUE - files.usableBytes();
        files.capacityBytes(used + bytes);
    }

    void heal() {
        files.capacityBytes(Long.MAX_VALUE);
        files.clearFault();
    }

    /** No operation fails that was to fail soon. */
    void failNoMore() {
        files.clearFault();
    }

    /** An operation soon fails with an error other than a full disk. */
    void failSoon() {
        files.failAt(world.between(1, 40), FaultyFileStore.Fault.IO_ERROR);
    }

    /** The power goes in the middle of an operation soon. */
    void losePowerSoon() {
        files.failAt(world.between(1, 60), FaultyFileStore.Fault.POWER_CUT);
    }

    /**
     * Damages a sealed segment of a log that recovery has to scan: one that had been flushed, of which the next one's
     * producer snapshot is the proof. False where the disk has none such.
     */
    boolean flipBit(PartitionId partition, String directory, long recoveryPoint) throws IOException {
        List<Long> bases = new ArrayList<>();
        for (String name : files.list(directory)) {
            if (name.endsWith(".log")) {
                bases.add(Long.parseLong(name.substring(0, name.length() - 4)));
            }
        }
        List<Long> candidates = new ArrayList<>();
        for (int i = 0; i + 1 < bases.size(); i++) {
            if (bases.get(i) >= recoveryPoint && isProofOfFlush(path(directory, bases.get(i + 1), ".snapshot"))) {
                candidates.add(bases.get(i));
            }
        }
        boolean isTrusted = files.exists(".clean-shutdown") || files.exists(directory + "/truncation-point");
        // What a recovery deletes without a look, as something else had begun to.
        boolean isToGo = files.list(directory).stream()
                .anyMatch(name -> name.endsWith(".start-over") || name.endsWith(".deleted"));
        // A second bit might take the first one back.
        if (candidates.isEmpty() || isTrusted || isToGo || damagedFiles.containsKey(partition)) {
            return false;
        }
        String path = path(directory, candidates.get(world.between(0, candidates.size() - 1)), ".log");
        int position = world.between(0, (int) files.sizeBytes(path) - 1);
        if (isOutsideChecksum(path, position)) {
            return false;
        }
        int bit = world.between(0, 7);
        files.flipBit(path, position, bit);
        world.trace(() -> "bit " + bit + " of " + path + " at " + position + " is flipped");
        lossCount++;
        losses.put(partition, lossCount);
        lostByDisk.add(partition);
        damagedFiles.put(partition, path + " at " + position);
        return true;
    }

    private boolean isProofOfFlush(String snapshot) throws IOException {
        return files.exists(snapshot)
                && ProducerSnapshot.decode(WholeFile.read(files, snapshot)).isPresent();
    }

    /** The leader epoch of a batch has no checksum; damage of it may look like any other epoch. */
    private boolean isOutsideChecksum(String path, int position) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(WholeFile.read(files, path));
        int batch = 0;
        while (batch + BatchHeader.read(bytes, batch).sizeBytes() <= position) {
            batch += BatchHeader.read(bytes, batch).sizeBytes();
        }
        int inBatch = position - batch;
        return inBatch >= BatchHeader.LEADER_EPOCH_POSITION && inBatch < BatchHeader.MAGIC_POSITION;
    }

    private static String path(String directory, long offset, String suffix) {
        return String.format(Locale.ROOT, "%s/%020d%s", directory, offset, suffix);
    }
}
