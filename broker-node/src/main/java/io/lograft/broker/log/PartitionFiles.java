package io.lograft.broker.log;

import io.lograft.broker.log.compact.CompactionCheckpoint;
import io.lograft.broker.log.io.CheckpointFile;
import io.lograft.broker.log.io.DiskFullException;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** Names and small files of one partition's directory. Stateless. */
record PartitionFiles(FileStore store, String directory) {
    static final String LOG_SUFFIX = ".log";
    static final String INDEX_SUFFIX = ".index";
    static final String TIME_INDEX_SUFFIX = ".timeindex";
    static final String SNAPSHOT_SUFFIX = ".snapshot";
    /** Added to the names of a segment that left the log and waits for deletion. */
    static final String DISCARDED_SUFFIX = ".deleted";

    /** Added to the names of a segment that a compaction writes. */
    static final String CLEANED_SUFFIX = ".cleaned";
    /** Added to the names of a segment that a compaction has replaced. */
    static final String REPLACED_SUFFIX = ".replaced";

    /** Added to the names of the first segment of a log that starts within a batch, before it takes its place. */
    static final String FIRST_SUFFIX = ".first";

    private static final String SWAP_SUFFIX = ".swap";
    /** Of the file that says at which offset the log is starting over. */
    private static final String START_OVER_SUFFIX = ".start-over";

    private static final String COMPACTION = "compaction-checkpoint";
    private static final String TEMPORARY_SUFFIX = ".tmp";
    private static final List<String> LEFTOVERS =
            List.of(DISCARDED_SUFFIX, TEMPORARY_SUFFIX, CLEANED_SUFFIX, FIRST_SUFFIX, REPLACED_SUFFIX);
    private static final int OFFSET_DIGITS = 20;
    private static final String CRC_KEY = "crc: ";
    private static final String METADATA = "partition.metadata";
    private static final String EPOCHS = "leader-epoch-checkpoint";
    private static final String TRUNCATION_POINT = "truncation-point";
    private static final String LOST_PRODUCERS = "lost-producers";

    /** What {@code partition.metadata} says. */
    record Metadata(TopicId topicId, FlushMode flushMode) {}

    String path(long offset, String suffix) {
        return directory + "/" + digits(offset) + suffix;
    }

    private static String digits(long offset) {
        String digits = Long.toString(offset);
        return "0".repeat(OFFSET_DIGITS - digits.length()) + digits;
    }

    /** Offsets in the names of files with this suffix, ascending. */
    List<Long> offsets(String suffix) throws IOException {
        List<Long> offsets = new ArrayList<>();
        for (String name : store.list(directory)) {
            if (name.length() == OFFSET_DIGITS + suffix.length() && name.endsWith(suffix)) {
                parseOffset(name.substring(0, OFFSET_DIGITS)).ifPresent(offsets::add);
            }
        }
        return offsets;
    }

    private static OptionalLong parseOffset(String digits) {
        try {
            return OptionalLong.of(Long.parseLong(digits));
        } catch (NumberFormatException notAnOffset) {
            return OptionalLong.empty();
        }
    }

    /**
     * Finishes a replacement or a new start that was interrupted, and deletes what a deletion left behind. Where the log
     * start had passed a segment, older ones go as well: the power may have gone when the new name of the later one only
     * was durable.
     */
    void deleteLeftovers() throws IOException {
        List<Long> startsOver = offsets(START_OVER_SUFFIX);
        if (!startsOver.isEmpty()) {
            List<Segment> segments = new ArrayList<>();
            finishStartOver(startsOver.getFirst(), segments);
            segments.getFirst().close();
        }
        finishSwaps();
        List<Long> discarded = offsets(LOG_SUFFIX + DISCARDED_SUFFIX);
        if (!discarded.isEmpty()) {
            deleteSegmentsBelow(discarded.getLast());
        }
        for (String name : store.list(directory)) {
            if (isLeftover(name)) {
                store.delete(directory + "/" + name);
            }
        }
    }

    static boolean isLeftover(String name) {
        return LEFTOVERS.stream().anyMatch(name::endsWith);
    }

    private void deleteSegmentsBelow(long offset) throws IOException {
        for (long base : offsets(LOG_SUFFIX)) {
            if (base < offset) {
                store.delete(path(base, LOG_SUFFIX));
                store.delete(path(base, INDEX_SUFFIX));
                store.delete(path(base, TIME_INDEX_SUFFIX));
            }
        }
        store.syncDirectory(directory);
    }

    /**
     * Name of the log file of a segment, compacted or with the batch in which the log starts, that is about to take the
     * place of all segments that begin between the two offsets. Once it has this name durably there is no way back:
     * nothing but the name says so, hence nothing can be torn.
     */
    String swapPath(long baseOffset, long endOffset) {
        return path(baseOffset, "." + digits(endOffset) + SWAP_SUFFIX);
    }

    /** Finishes the replacements by other segments that were under way. Their indexes are made anew. */
    void finishSwaps() throws IOException {
        for (String name : store.list(directory)) {
            boolean isSwap =
                    name.length() == 2 * OFFSET_DIGITS + 1 + SWAP_SUFFIX.length() && name.endsWith(SWAP_SUFFIX);
            OptionalLong base = isSwap ? parseOffset(name.substring(0, OFFSET_DIGITS)) : OptionalLong.empty();
            if (base.isPresent()) {
                OptionalLong end = parseOffset(name.substring(OFFSET_DIGITS + 1, 2 * OFFSET_DIGITS + 1));
                finishSwap(name, base.getAsLong(), end.orElse(0));
            }
        }
    }

    private void finishSwap(String name, long base, long end) throws IOException {
        for (String suffix : List.of(INDEX_SUFFIX, TIME_INDEX_SUFFIX, LOG_SUFFIX)) {
            for (long offset : offsets(suffix)) {
                boolean isReplacedByName = offset == base && suffix.equals(LOG_SUFFIX);
                if (offset >= base && offset < end && !isReplacedByName) {
                    store.delete(path(offset, suffix));
                }
            }
        }
        store.syncDirectory(directory);
        store.rename(directory + "/" + name, path(base, LOG_SUFFIX));
        store.syncDirectory(directory);
    }

    /**
     * Records durably that all there is goes and the log begins at this offset, with these producers, and then that the
     * checkpoints count for nothing. From here on there is no way back; where the disk is full it was not recorded.
     */
    void beginStartOver(long offset, List<ProducerStates.Entry> producers) throws IOException {
        String path = path(offset, START_OVER_SUFFIX);
        // Where the disk is full an empty file may still find room.
        byte[] content = producers.isEmpty() ? new byte[0] : ProducerSnapshot.encode(producers);
        try {
            WholeFile.replace(store, path, content);
            writeTruncationPoint(0);
        } catch (DiskFullException full) {
            withdraw(path, full);
            throw full;
        }
    }

    private void withdraw(String path, DiskFullException full) throws IOException {
        try {
            store.delete(path);
            store.syncDirectory(directory);
        } catch (DiskFullException still) {
            throw new IOException(path + " says to start over, and cannot be taken back", still);
        } catch (IOException failed) {
            failed.addSuppressed(full);
            throw failed;
        }
    }

    /**
     * Carries out what {@link #beginStartOver} has recorded. One empty segment takes the place of those in the list, which
     * stay there, closed, where that fails.
     */
    void finishStartOver(long offset, List<Segment> segments) throws IOException {
        try {
            replaceAll(offset, segments);
        } catch (DiskFullException full) {
            throw new IOException(directory + ": no room to start over at " + offset, full);
        }
    }

    private void replaceAll(long offset, List<Segment> segments) throws IOException {
        for (Segment dropped : segments) {
            dropped.close();
        }
        for (String name : store.list(directory)) {
            boolean isOfSegment = name.length() > OFFSET_DIGITS
                    && parseOffset(name.substring(0, OFFSET_DIGITS)).isPresent();
            if (isOfSegment && !name.endsWith(START_OVER_SUFFIX)) {
                store.delete(directory + "/" + name);
            }
        }
        Segment first = Segment.createFirst(this, offset);
        segments.clear();
        segments.add(first);
        writeTruncationPoint(0);
        store.syncDirectory(directory);
        String mark = path(offset, START_OVER_SUFFIX);
        if (store.sizeBytes(mark) == 0) {
            store.delete(mark);
        } else {
            store.rename(mark, path(offset, SNAPSHOT_SUFFIX));
        }
        store.syncDirectory(directory);
    }

    /**
     * Records durably that batches below the log start are lost, and with them what they told of producers: before it is let
     * in again, the replica has to start over with what its leader knows.
     */
    void recordLostProducers() throws IOException {
        WholeFile.replace(store, directory + "/" + LOST_PRODUCERS, new byte[0]);
    }

    boolean hasLostProducers() throws IOException {
        return store.exists(directory + "/" + LOST_PRODUCERS);
    }

    void deleteLostProducers() throws IOException {
        try {
            store.delete(directory + "/" + LOST_PRODUCERS);
            store.syncDirectory(directory);
        } catch (DiskFullException full) {
            throw new IOException(directory + ": no room to start over", full);
        }
    }

    /** Writes a producer snapshot durably, in one step: one that is there already may be all that is known of producers. */
    void writeSnapshot(long offset, byte[] content) throws IOException {
        WholeFile.replace(store, path(offset, SNAPSHOT_SUFFIX), content);
    }

    /** Gives the indexes of a segment that was written aside, under this suffix, their names. */
    void nameIndexes(long base, String aside) throws IOException {
        for (String suffix : List.of(INDEX_SUFFIX, TIME_INDEX_SUFFIX)) {
            store.rename(path(base, suffix + aside), path(base, suffix));
        }
    }

    /** What was remembered of compactions; empty if the file is damaged. */
    Optional<CompactionCheckpoint> readCompaction() throws IOException {
        String path = directory + "/" + COMPACTION;
        return store.exists(path)
                ? CompactionCheckpoint.decode(WholeFile.read(store, path))
                : Optional.of(CompactionCheckpoint.NOTHING);
    }

    void writeCompaction(CompactionCheckpoint checkpoint) throws IOException {
        WholeFile.replace(store, directory + "/" + COMPACTION, checkpoint.encode());
    }

    /** Empty if the file is missing or damaged: without it the replica is lost. */
    Optional<Metadata> readMetadata() throws IOException {
        String path = directory + "/" + METADATA;
        if (!store.exists(path)) {
            return Optional.empty();
        }
        String text = new String(WholeFile.read(store, path), StandardCharsets.ISO_8859_1);
        int end = text.lastIndexOf(CRC_KEY);
        if (end < 0 || !text.substring(end).equals(crcLine(text.substring(0, end)))) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        for (String line : text.lines().toList()) {
            int colon = line.indexOf(": ");
            fields.put(colon < 0 ? line : line.substring(0, colon), colon < 0 ? "" : line.substring(colon + 2));
        }
        return parseMetadata(fields);
    }

    /** A topic id with a wrong digit would be another topic's, and the log be given away as unknown. */
    private static String crcLine(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return String.format(Locale.ROOT, "%s%08x\n", CRC_KEY, crc.getValue());
    }

    private static Optional<Metadata> parseMetadata(Map<String, String> fields) {
        if (!"0".equals(fields.get("version"))) {
            return Optional.empty();
        }
        try {
            TopicId topicId = TopicId.parse(fields.getOrDefault("topic_id", ""));
            String mode = fields.getOrDefault("flush_mode", "").toUpperCase(Locale.ROOT);
            return Optional.of(new Metadata(topicId, FlushMode.valueOf(mode)));
        } catch (IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }

    void writeMetadata(Metadata metadata) throws IOException {
        WholeFile.replace(store, directory + "/" + METADATA, content(metadata));
    }

    /** Writes the metadata of a directory that nobody knows yet; its name is durable with the directory. */
    void writeFirstMetadata(Metadata metadata) throws IOException {
        try (LogFile file = store.open(directory + "/" + METADATA, FileStore.OpenMode.REPLACE)) {
            file.write(0, ByteBuffer.wrap(content(metadata)));
            file.force();
        }
    }

    private static byte[] content(Metadata metadata) {
        String text = "version: 0\ntopic_id: " + metadata.topicId() + "\nflush_mode: "
                + metadata.flushMode().name().toLowerCase(Locale.ROOT) + "\n";
        return (text + crcLine(text)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Empty if the file is missing or damaged. */
    Optional<EpochHistory> readEpochs() throws IOException {
        return CheckpointFile.read(store, directory + "/" + EPOCHS).flatMap(EpochHistory::parse);
    }

    void writeEpochs(EpochHistory epochs) throws IOException {
        CheckpointFile.replace(store, directory + "/" + EPOCHS, epochs.lines());
    }

    /**
     * The offset that the log was truncated to since the checkpoints of the log directory were written, which
     * therefore count up to there only; empty if it was not.
     */
    OptionalLong readTruncationPoint() throws IOException {
        String path = directory + "/" + TRUNCATION_POINT;
        if (!store.exists(path)) {
            return OptionalLong.empty();
        }
        Optional<List<String>> lines = CheckpointFile.read(store, path);
        // Replaced in one step, hence never torn; if it is damaged all the same, nothing is known.
        return lines.isPresent() && lines.get().size() == 1
                ? OptionalLong.of(parseOffset(lines.get().getFirst()).orElse(0))
                : OptionalLong.of(0);
    }

    /** Records durably that the checkpoints count up to this offset only; one that is less, and still there, stays. */
    void writeTruncationPoint(long offset) throws IOException {
        OptionalLong before = readTruncationPoint();
        if (before.isPresent() && before.getAsLong() <= offset) {
            return;
        }
        CheckpointFile.replace(store, directory + "/" + TRUNCATION_POINT, List.of(Long.toString(offset)));
    }

    void deleteTruncationPoint() throws IOException {
        store.delete(directory + "/" + TRUNCATION_POINT);
    }
}
