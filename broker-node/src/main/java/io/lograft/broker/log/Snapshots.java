package io.lograft.broker.log;

import io.lograft.broker.log.io.FileStore.OpenMode;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.log.state.SegmentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** The producer snapshots of a partition, with the summaries of segments behind them, as a recovery finds them. */
final class Snapshots {
    private final PartitionFiles files;
    private final NavigableSet<Long> offsets;

    private Snapshots(PartitionFiles files, NavigableSet<Long> offsets) {
        this.files = files;
        this.offsets = offsets;
    }

    static Snapshots list(PartitionFiles files) throws IOException {
        return new Snapshots(files, new TreeSet<>(files.offsets(PartitionFiles.SNAPSHOT_SUFFIX)));
    }

    /** The producers at this offset; empty if there is no snapshot that is whole. */
    Optional<List<ProducerStates.Entry>> producersAt(long offset) throws IOException {
        return offsets.contains(offset)
                ? ProducerSnapshot.decode(WholeFile.read(files.store(), path(offset)))
                : Optional.empty();
    }

    /** Restores the producers from the newest whole snapshot between two offsets; returns its offset, else the first. */
    long restoreNewest(ProducerStates producers, long from, long to) throws IOException {
        for (Long offset = offsets.floor(to); offset != null && offset >= from; offset = offsets.lower(offset)) {
            Optional<List<ProducerStates.Entry>> entries = producersAt(offset);
            if (entries.isPresent()) {
                entries.get().forEach(producers::restore);
                return offset;
            }
        }
        return from;
    }

    /** The summary at this offset of the segment that ends there; reads nothing else of the snapshot. */
    Optional<SegmentSummary> summaryAt(long offset) throws IOException {
        if (!offsets.contains(offset)) {
            return Optional.empty();
        }
        try (LogFile file = files.store().open(path(offset), OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(SegmentSummary.SIZE_BYTES);
            file.read(bytes, Math.max(0, file.sizeBytes() - SegmentSummary.SIZE_BYTES));
            return SegmentSummary.decodeLast(bytes.flip()).filter(summary -> summary.nextOffset() == offset);
        }
    }

    /** The summary of the segment that begins at this offset that goes furthest, but not beyond an offset. */
    Optional<SegmentSummary> newestSummary(long baseOffset, long to) throws IOException {
        for (Long offset = offsets.floor(to); offset != null && offset >= baseOffset; offset = offsets.lower(offset)) {
            Optional<SegmentSummary> summary = summaryAt(offset).filter(known -> known.baseOffset() == baseOffset);
            if (summary.isPresent()) {
                return summary;
            }
        }
        return Optional.empty();
    }

    /** Deletes those above this offset; true if there were any. */
    boolean deleteAbove(long offset) throws IOException {
        List<Long> above = List.copyOf(offsets.tailSet(offset, false));
        for (long each : above) {
            files.store().delete(path(each));
            offsets.remove(each);
        }
        return !above.isEmpty();
    }

    private String path(long offset) {
        return files.path(offset, PartitionFiles.SNAPSHOT_SUFFIX);
    }
}
