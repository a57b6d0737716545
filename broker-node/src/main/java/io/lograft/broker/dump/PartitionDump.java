package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows or checks the directory of one partition: its segments in order, each against its indexes, and what is beside them. */
final class PartitionDump {
    private static final int ATTEMPTS = 10;

    private final DumpOutput out;
    private final DumpOptions options;
    private final Surroundings surroundings;
    private final LogChecks checks;
    private final String directory;

    PartitionDump(DumpOutput out, String directory) throws IOException {
        this.out = out;
        this.options = out.options();
        this.directory = directory;
        this.surroundings = Surroundings.of(directory, options.isCompacted());
        this.checks = new LogChecks(out, surroundings);
    }

    /**
     * Shows or checks the directory. A broker may be writing it, so that what does not fit may be of two different
     * moments, or half written: it is told only if it is found again while no file came or went, or always.
     */
    static void dump(DumpOutput out, String directory) throws IOException {
        List<Map<String, Object>> previous = List.of();
        for (int attempt = 1; ; attempt++) {
            Optional<List<String>> before = ReadOnlyFiles.list(directory);
            out.begin();
            new PartitionDump(out, directory).dump(before);
            List<Map<String, Object>> problems = out.problemsHeld();
            boolean isStill =
                    problems.equals(previous) && ReadOnlyFiles.list(directory).equals(before);
            if (problems.isEmpty() || isStill || attempt == ATTEMPTS) {
                out.commit();
                return;
            }
            out.takeBack();
            previous = problems;
        }
    }

    private void dump(Optional<List<String>> names) throws IOException {
        if (names.isEmpty()) {
            out.notice(
                    directory, -1, -1, "the directory vanished before it was read; the partition was deleted or moved");
            return;
        }
        for (String name : names.get()) {
            sideFile(name);
        }
        List<Long> bases = surroundings.bases();
        SegmentDump segments = new SegmentDump(out, surroundings, checks);
        for (int i = 0; i < bases.size(); i++) {
            long base = bases.get(i);
            long next = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
            if (options.isInRange(base, Math.max(base, next - 1))) {
                segments.dump(directory + "/" + FileNames.offsetName(base, FileNames.LOG), base);
                if (!options.isVerifying()) {
                    indexes(base);
                }
            }
        }
        if (options.isVerifying() && !bases.isEmpty()) {
            checks.end(!options.hasRange());
            checkEnd();
        }
    }

    private void sideFile(String name) throws IOException {
        String path = directory + "/" + name;
        boolean isOfSegment = FileNames.offset(name, FileNames.LOG).isPresent()
                || FileNames.offset(name, FileNames.OFFSET_INDEX).isPresent()
                || FileNames.offset(name, FileNames.TIME_INDEX).isPresent();
        if (isOfSegment || (!SideFiles.dump(out, path) && !isLeftover(name))) {
            if (!isOfSegment) {
                out.notice(path, -1, -1, "not a file of a partition");
            }
            return;
        }
        boolean isSnapshot = FileNames.offset(name, FileNames.SNAPSHOT).isPresent();
        if (isSnapshot && options.isVerifying() && !options.hasRange()) {
            Optional<byte[]> content = ReadOnlyFiles.readWhole(path, TextFile.SIZE_BYTES_MAX);
            if (content.isPresent() && !checks.expect(path, content.get())) {
                out.notice(path, -1, -1, "too many producers to be compared with the log; checked for itself only");
            }
        }
    }

    /** What an interrupted replacement, or a deletion under way, left; the broker takes care of it. */
    private boolean isLeftover(String name) {
        boolean isLeftover = name.matches(".*\\.(tmp|deleted|cleaned|replaced|swap)");
        if (isLeftover) {
            out.notice(
                    directory + "/" + name,
                    -1,
                    -1,
                    "left by a deletion, replacement or compaction that is under way or" + " was interrupted");
        }
        // Kafka's index of aborted transactions is not ours to read.
        return isLeftover || name.endsWith(".txnindex");
    }

    private void indexes(long base) throws IOException {
        IndexDump.dump(out, directory + "/" + FileNames.offsetName(base, FileNames.OFFSET_INDEX), base);
        IndexDump.dump(out, directory + "/" + FileNames.offsetName(base, FileNames.TIME_INDEX), base);
    }

    /** What was on the disk must still be there; a truncation meanwhile lowers what counts. */
    private void checkEnd() throws IOException {
        long end = checks.nextOffset();
        boolean isPartition = FileNames.isPartition(FileNames.of(directory));
        if (options.hasRange() || !isPartition || surroundings.durableOffset() <= end) {
            return;
        }
        long durable = Surroundings.durableOffset(FileNames.parent(directory), FileNames.of(directory), directory);
        if (Math.min(durable, surroundings.durableOffset()) > end) {
            out.problem(
                    directory,
                    -1,
                    end,
                    "the checkpoints say that all below offset " + surroundings.durableOffset()
                            + " was flushed or committed, but the log ends at " + end);
        }
    }

    /** One segment alone, with its indexes, by the name of any of its files. */
    void dumpSegment(long base, String fileName) throws IOException {
        new SegmentDump(out, surroundings, checks).dump(directory + "/" + fileName, base);
        if (options.isVerifying()) {
            checks.end(false);
        }
    }
}
