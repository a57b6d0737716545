package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import io.lograft.broker.log.state.EpochHistory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the other files of a partition's directory, and of the log directory around it, say of its log. All of it may be
 * missing: a segment may have been copied to anywhere.
 *
 * @param directory of the partition
 * @param bases offsets at which segments begin, ascending
 * @param isClean the last stop was clean, so nothing may be torn
 * @param durableOffset all below was flushed, or committed, by the last checkpoint
 * @param compactedTo gaps between batches below this are legal
 * @param logStartOffset by the last checkpoint
 * @param epochs from the leader epoch checkpoint; empty where it is missing or damaged
 */
record Surroundings(
        String directory,
        List<Long> bases,
        boolean isClean,
        long durableOffset,
        long compactedTo,
        long logStartOffset,
        Optional<EpochHistory> epochs) {

    static Surroundings of(String directory, boolean isCompacted) throws IOException {
        String name = FileNames.of(directory);
        String parent = FileNames.parent(directory);
        List<String> names = ReadOnlyFiles.list(directory).orElse(List.of());
        boolean isPartition = FileNames.isPartition(name);
        long durable = isPartition ? durableOffset(parent, name, directory) : 0;
        boolean isClean = ReadOnlyFiles.exists(parent + "/" + FileNames.CLEAN)
                || ReadOnlyFiles.exists(parent + "/" + FileNames.KAFKA_CLEAN);
        Optional<EpochHistory> epochs =
                TextFile.checkpoint(directory + "/" + FileNames.EPOCHS).flatMap(EpochHistory::parse);
        return new Surroundings(
                directory,
                FileNames.offsets(names, FileNames.LOG),
                isPartition && isClean,
                durable,
                isCompacted ? Long.MAX_VALUE : compactedTo(parent, name, directory, isPartition),
                isPartition ? TextFile.checkpointed(parent + "/" + FileNames.LOG_STARTS, name) : 0,
                epochs);
    }

    /** Up to where the checkpoints say that the log is flushed or committed; they count below its truncation only. */
    static long durableOffset(String logDirectory, String name, String directory) throws IOException {
        long flushed = TextFile.checkpointed(logDirectory + "/" + FileNames.RECOVERY_POINTS, name);
        long committed = TextFile.checkpointed(logDirectory + "/" + FileNames.HIGH_WATERMARKS, name);
        long known = Math.max(flushed, committed);
        String truncation = directory + "/" + FileNames.TRUNCATION_POINT;
        if (!ReadOnlyFiles.exists(truncation)) {
            return known;
        }
        List<String> lines = TextFile.checkpoint(truncation).orElse(List.of());
        OptionalLong offset = lines.size() == 1 ? TextFile.number(lines.getFirst()) : OptionalLong.empty();
        return Math.min(known, offset.orElse(0));
    }

    private static long compactedTo(String parent, String name, String directory, boolean isPartition)
            throws IOException {
        Optional<byte[]> own = ReadOnlyFiles.readWhole(directory + "/" + FileNames.COMPACTION, TextFile.SIZE_BYTES_MAX);
        if (own.isPresent()) {
            // Damaged or not: that it is there says that the log is compacted, and no more is needed.
            return TextFile.field(own.get(), "cleaned_to").orElse(Long.MAX_VALUE);
        }
        return isPartition ? TextFile.checkpointed(parent + "/" + FileNames.CLEANER_OFFSETS, name) : 0;
    }

    /** True for a partition of the group log. */
    boolean isGroupLog() {
        String name = FileNames.of(directory);
        return FileNames.isPartition(name) && FileNames.topic(name).equals(FileNames.GROUP_LOG);
    }

    boolean isActive(long base) {
        return bases.isEmpty() || base >= bases.getLast();
    }

    /** True where what does not fit at this offset may be the end of a write that was never finished. */
    boolean mayBeTorn(long base, long offset) {
        return isActive(base) && !isClean && offset >= durableOffset;
    }
}
