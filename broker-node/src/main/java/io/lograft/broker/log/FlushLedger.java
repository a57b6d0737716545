package io.lograft.broker.log;

import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FileStore.OpenMode;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What of a partition's files is not durable yet. Owned by the partition loop.
 *
 * <p>A producer snapshot is written only once all below its offset is durable. So a valid snapshot at the offset where a
 * segment begins proves, after a power cut, that the segment before it had been flushed: what is damaged there is damage
 * and not a torn tail.
 *
 * <p>Snapshots within a segment, every few megabytes, prove nothing and are not forced: they bound what has to be read
 * after the process was killed. The newest one at or below the recorded recovery point is kept, and those after it.
 */
final class FlushLedger {

    /** A segment's bytes between two snapshots within it. */
    static final int PARTIAL_BYTES = 4 << 20;

    private static final int PARTIAL_SNAPSHOTS_MAX = 256;
    /** Of what is written, snapshots are to be a small part, however many producers there are. */
    private static final int BYTES_PER_SNAPSHOT_BYTE = 16;

    private record Snapshot(long offset, ByteBuffer content, boolean isPartial) {}

    private final PartitionFiles files;
    private final List<Segment> sealed = new ArrayList<>();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<LogFile> unforced = new ArrayList<>();
    private long flushedOffset;
    private EpochHistory writtenEpochs;
    private long names;
    private long durableNames;
    private FlushRound underWay;
    /** Offsets of snapshots within segments; null until the first one is taken. */
    private TreeSet<Long> partials;

    private long partialBase = -1;
    private long nextPartialBytes;

    FlushLedger(PartitionFiles files, long flushedOffset, EpochHistory writtenEpochs) {
        this.files = files;
        this.flushedOffset = flushedOffset;
        this.writtenEpochs = writtenEpochs;
    }

    long flushedOffset() {
        return flushedOffset;
    }

    /** All below is durable, with the side files. */
    long recoveryPoint() {
        return sealed.isEmpty()
                ? flushedOffset
                : Math.min(flushedOffset, sealed.getFirst().baseOffset());
    }

    boolean isBehind(long logEndOffset) {
        return logEndOffset > flushedOffset || !sealed.isEmpty();
    }

    /** A segment is full and another one was made. */
    void sealed(Segment segment, ProducerStates producers, int lastEpoch) {
        sealed.add(segment);
        snapshots.add(
                new Snapshot(segment.nextOffset(), ByteBuffer.wrap(encode(segment, producers, lastEpoch)), false));
        names++;
    }

    private static byte[] encode(Segment segment, ProducerStates producers, int lastEpoch) {
        return ProducerSnapshot.encode(producers.entries(), Optional.of(segment.summary(lastEpoch)));
    }

    /** The active segment grows; takes a snapshot within it from time to time. */
    void grows(Segment active, ProducerStates producers, int lastEpoch) throws IOException {
        if (partialBase != active.baseOffset()) {
            partialBase = active.baseOffset();
            nextPartialBytes = (long) active.sizeBytes() + PARTIAL_BYTES;
        }
        if (active.sizeBytes() < nextPartialBytes) {
            return;
        }
        listPartials();
        int count = partials.size() + snapshots.size();
        if (count < PARTIAL_SNAPSHOTS_MAX) {
            active.seal();
            byte[] content = encode(active, producers, lastEpoch);
            snapshots.add(new Snapshot(active.nextOffset(), ByteBuffer.wrap(content), true));
            nextPartialBytes =
                    active.sizeBytes() + Math.max(PARTIAL_BYTES, (long) content.length * BYTES_PER_SNAPSHOT_BYTE);
        }
    }

    private void listPartials() throws IOException {
        if (partials == null) {
            partials = new TreeSet<>(files.offsets(PartitionFiles.SNAPSHOT_SUFFIX));
            files.offsets(PartitionFiles.LOG_SUFFIX).forEach(partials::remove);
        }
    }

    /** The recovery point was written durably: recovery begins there at the latest. */
    void recoveryPointRecorded(long offset) throws IOException {
        while (partials != null && partials.size() > 1 && partials.higher(partials.first()) <= offset) {
            files.store().delete(files.path(partials.pollFirst(), PartitionFiles.SNAPSHOT_SUFFIX));
        }
    }

    FlushRound begin(Segment active, EpochHistory epochs, long truncations) {
        Check.that(underWay == null, "a flush round is under way already");
        List<LogFile> toForce = new ArrayList<>();
        for (Segment segment : sealed) {
            toForce.addAll(segment.allFiles());
        }
        if (active.nextOffset() > flushedOffset) {
            toForce.add(active.log());
        }
        toForce.addAll(unforced);
        FlushRound.Work work = new FlushRound.Work(
                active.nextOffset(),
                truncations,
                toForce,
                List.copyOf(sealed),
                epochs.equals(writtenEpochs) ? null : epochs,
                names,
                durableNames);
        underWay = new FlushRound(files, work);
        return underWay;
    }

    /** Takes back a round; true if it counts. */
    boolean complete(FlushRound round, long truncations) throws IOException {
        Check.that(underWay == round, "another flush round is under way");
        underWay = null;
        FlushRound.Work work = round.work();
        if (!round.isDone() || work.truncations() != truncations) {
            return false;
        }
        flushedOffset = Math.max(flushedOffset, work.endOffset());
        durableNames = work.names();
        sealed.removeAll(work.sealed());
        if (work.epochs() != null) {
            writtenEpochs = work.epochs();
        }
        for (Iterator<LogFile> i = unforced.iterator(); i.hasNext(); ) {
            LogFile file = i.next();
            if (work.files().contains(file)) {
                file.close();
                i.remove();
            }
        }
        writeSnapshots();
        return true;
    }

    private void writeSnapshots() throws IOException {
        for (Iterator<Snapshot> i = snapshots.iterator(); i.hasNext(); ) {
            Snapshot snapshot = i.next();
            if (snapshot.offset() <= flushedOffset) {
                i.remove();
                write(snapshot);
            }
        }
    }

    private void write(Snapshot snapshot) throws IOException {
        LogFile file;
        try {
            file = files.store().open(files.path(snapshot.offset(), PartitionFiles.SNAPSHOT_SUFFIX), OpenMode.REPLACE);
        } catch (DiskFullException notNeeded) {
            return;
        }
        if (snapshot.isPartial()) {
            listPartials();
            partials.add(snapshot.offset());
        } else {
            unforced.add(file);
            names++;
        }
        try {
            file.write(0, snapshot.content());
        } catch (DiskFullException notNeeded) {
            file.truncate(0);
        } finally {
            if (snapshot.isPartial()) {
                file.close();
            }
        }
    }

    /** Writes a snapshot where the log ends, durably; all is flushed. Where a segment begins it is about the one before. */
    void closed(List<Segment> segments, ProducerStates producers, int lastEpoch) throws IOException {
        boolean isNew = segments.getLast().isEmpty() && segments.size() > 1;
        Segment last = segments.get(segments.size() - (isNew ? 2 : 1));
        long offset = last.nextOffset();
        byte[] content = encode(last, producers, lastEpoch);
        Check.atMost(offset, flushedOffset, "a producer snapshot is ahead of the flushed offset");
        files.writeSnapshot(offset, content);
    }

    /** A segment left the log. */
    void forget(Segment segment) {
        sealed.remove(segment);
    }

    /** Nothing is left from this offset on; deletes the snapshots above it. */
    void truncatedTo(long endOffset) throws IOException {
        flushedOffset = Math.min(flushedOffset, endOffset);
        snapshots.removeIf(snapshot -> snapshot.offset() > endOffset);
        partials = null;
        partialBase = -1;
        closeUnforced();
        for (long offset : files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)) {
            if (offset > endOffset) {
                files.store().delete(files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX));
            }
        }
    }

    /**
     * Segments below this offset are about to go, and then its snapshot alone tells what producers did before: makes it
     * durable. False where there is none, and {@link PartitionFiles#writeSnapshot} has to be called.
     */
    boolean keepSnapshot(long offset) throws IOException {
        String path = files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
        for (Snapshot snapshot : List.copyOf(snapshots)) {
            if (snapshot.offset() == offset) {
                files.writeSnapshot(offset, snapshot.content().array());
                snapshots.remove(snapshot);
                return true;
            }
        }
        if (!files.store().exists(path)
                || ProducerSnapshot.decode(WholeFile.read(files.store(), path)).isEmpty()) {
            return false;
        }
        try (LogFile file = files.store().open(path, OpenMode.WRITE)) {
            file.force();
        }
        files.store().syncDirectory(files.directory());
        return true;
    }

    /** The log's first segment begins here now; older snapshots have served. */
    void startsAt(long offset) throws IOException {
        snapshots.removeIf(snapshot -> snapshot.offset() < offset);
        partials = null;
        for (long snapshot : files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)) {
            if (snapshot < offset) {
                files.store().delete(files.path(snapshot, PartitionFiles.SNAPSHOT_SUFFIX));
            }
        }
    }

    /** Nothing is left of before; the log begins here, flushed. */
    void startedOver(long offset) throws IOException {
        sealed.clear();
        snapshots.clear();
        partials = null;
        partialBase = -1;
        closeUnforced();
        flushedOffset = offset;
    }

    void closeUnforced() throws IOException {
        for (LogFile file : unforced) {
            file.close();
        }
        unforced.clear();
    }
}
