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

/**
 * What of a partition's files is not durable yet. Owned by the partition loop.
 *
 * <p>A producer snapshot is written only once all below its offset is durable. So a valid snapshot at the offset where a
 * segment begins proves, after a power cut, that the segment before it had been flushed: what is damaged there is damage
 * and not a torn tail.
 */
final class FlushLedger {

    private record Snapshot(long offset, ByteBuffer content) {}

    private final PartitionFiles files;
    private final List<Segment> sealed = new ArrayList<>();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<LogFile> unforced = new ArrayList<>();
    private long flushedOffset;
    private EpochHistory writtenEpochs;
    private long names;
    private long durableNames;
    private FlushRound underWay;

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

    /** A segment is full and another one was made, at an offset for which this is the producer snapshot. */
    void sealed(Segment segment, long nextOffset, byte[] producerSnapshot) {
        sealed.add(segment);
        snapshots.add(new Snapshot(nextOffset, ByteBuffer.wrap(producerSnapshot)));
        names++;
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
        unforced.add(file);
        names++;
        try {
            file.write(0, snapshot.content());
        } catch (DiskFullException notNeeded) {
            file.truncate(0);
        }
    }

    /** Writes a snapshot of now, durably; all below is flushed. */
    void writeFinalSnapshot(long offset, byte[] content) throws IOException {
        Check.atMost(offset, flushedOffset, "a producer snapshot is ahead of the flushed offset");
        writeSnapshot(offset, content);
    }

    /** Writes a snapshot durably. */
    void writeSnapshot(long offset, byte[] content) throws IOException {
        String path = files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
        try (LogFile file = files.store().open(path, OpenMode.REPLACE)) {
            file.write(0, ByteBuffer.wrap(content));
            file.force();
        }
        files.store().syncDirectory(files.directory());
    }

    /** A segment left the log. */
    void forget(Segment segment) {
        sealed.remove(segment);
    }

    /** Nothing is left from this offset on; deletes the snapshots above it. */
    void truncatedTo(long endOffset) throws IOException {
        flushedOffset = Math.min(flushedOffset, endOffset);
        snapshots.removeIf(snapshot -> snapshot.offset() > endOffset);
        closeUnforced();
        for (long offset : files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)) {
            if (offset > endOffset) {
                files.store().delete(files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX));
            }
        }
    }

    /**
     * Segments below this offset are about to go, and then its snapshot alone tells what producers did before: makes it
     * durable. False where there is none, and {@link #writeSnapshot} has to be called.
     */
    boolean keepSnapshot(long offset) throws IOException {
        String path = files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
        for (Snapshot snapshot : List.copyOf(snapshots)) {
            if (snapshot.offset() == offset) {
                writeSnapshot(offset, snapshot.content().array());
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
        for (long snapshot : files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)) {
            if (snapshot < offset) {
                files.store().delete(files.path(snapshot, PartitionFiles.SNAPSHOT_SUFFIX));
            }
        }
    }

    /**
     * The log was emptied and begins anew, with what is known of producers from before. There is no way back, so a disk
     * that is full even now counts as one that failed.
     */
    void startedAt(long offset, List<ProducerStates.Entry> producers) throws IOException {
        flushedOffset = offset;
        try {
            if (!producers.isEmpty()) {
                writeSnapshot(offset, ProducerSnapshot.encode(producers));
            }
        } catch (DiskFullException full) {
            throw new IOException(files.directory() + ": no room for what is known of producers", full);
        }
    }

    void closeUnforced() throws IOException {
        for (LogFile file : unforced) {
            file.close();
        }
        unforced.clear();
    }
}
