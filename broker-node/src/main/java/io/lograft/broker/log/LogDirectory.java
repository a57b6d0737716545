package io.lograft.broker.log;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.CheckpointFile;
import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * One log directory of the broker, locked by this process. Used by one thread at a time, except for
 * {@link #openPartition}, which several threads may call for different partitions before the first
 * {@link #checkpoint}; the logs in it belong to their loops. The order of a start: {@link #open}, compare
 * {@link #identity}, {@link #lastStop}; {@link #beginWriting}; {@link #openPartition} for each of {@link #partitions};
 * {@link #lossesTold} once nobody counts on what was lost. The order of a clean stop: close each log cleanly,
 * {@link #checkpoint} their last values, {@link #closeCleanly}.
 *
 * <p>A process may die before it has told what its directory lacks. So nothing that shows a later one how the directory
 * was found is overwritten before {@link #lossesTold}: neither the boot id after an unclean stop of the machine, nor the
 * missing mark of a clean stop.
 */
public final class LogDirectory implements AutoCloseable {

    /** Whose directory it is, from {@code meta.properties}. */
    public record Identity(String clusterId, String directoryId, int brokerId, long brokerEpoch) {}

    /** How the last process left it: whether cleanly, and whether the machine has not been started anew since. */
    public record LastStop(boolean isClean, boolean isSameBoot) {}

    /**
     * All below is on the disk with the side files, as of so many truncations of the log: a truncation that comes before
     * it is written makes it count for less.
     */
    public record RecoveryPoint(long offset, long truncations) {}

    /** Another process holds the directory. */
    public static final class InUseException extends IOException {
        private static final long serialVersionUID = 1;

        InUseException(String message) {
            super(message);
        }
    }

    /** What is checkpointed of a partition. */
    public record Checkpoint(RecoveryPoint recoveryPoint, long highWatermark, long logStartOffset) {}

    private static final String LOCK = ".lock";
    private static final String META = "meta.properties";
    private static final String CRC_KEY = "crc=";
    private static final String CLEAN = ".clean-shutdown";
    private static final String BOOT_ID = "boot-id";
    private static final String FAILED_BOOT_ID = "failed-boot-id";
    private static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    private static final String HIGH_WATERMARKS = "replication-offset-checkpoint";
    private static final String LOG_STARTS = "log-start-offset-checkpoint";
    private static final String NEW_SUFFIX = "-new";

    private final FileStore store;
    private final Closeable lock;
    private final String bootId;
    private final LastStop lastStop;
    private final OffsetTable recoveryPoints;
    private final OffsetTable highWatermarks;
    private final OffsetTable logStarts;
    private Optional<Identity> identity;
    private boolean hasFailed;
    private boolean isLossKnown;

    private LogDirectory(FileStore store, Closeable lock, String bootId) throws IOException {
        this.store = store;
        this.lock = lock;
        this.bootId = bootId;
        if (!bootId.isEmpty() && bootId.equals(readText(FAILED_BOOT_ID))) {
            throw new IOException(store + ": an fsync failed since the machine was started; it is not to be trusted"
                    + " before the next start of the machine (remove " + FAILED_BOOT_ID + " to override)");
        }
        this.identity = readIdentity();
        this.lastStop = new LastStop(store.exists(CLEAN), !bootId.isEmpty() && bootId.equals(readText(BOOT_ID)));
        this.recoveryPoints = OffsetTable.read(store, RECOVERY_POINTS);
        this.highWatermarks = OffsetTable.read(store, HIGH_WATERMARKS);
        this.logStarts = OffsetTable.read(store, LOG_STARTS);
    }

    /**
     * Locks and reads a log directory.
     *
     * @param bootId identity of this start of the machine, empty if unknown
     * @throws IOException if another process holds it, its last fsync failed under this boot id, or it cannot be read
     */
    public static LogDirectory open(FileStore store, String bootId) throws IOException {
        Closeable lock = store.lock(LOCK)
                .orElseThrow(
                        () -> new InUseException(store + " is in use by another process, which holds its " + LOCK));
        try {
            return new LogDirectory(store, lock, bootId);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private String readText(String name) throws IOException {
        return store.exists(name) ? new String(WholeFile.read(store, name), StandardCharsets.UTF_8).strip() : "";
    }

    private void writeText(String name, String text) throws IOException {
        WholeFile.replace(store, name, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private Optional<Identity> readIdentity() throws IOException {
        if (!store.exists(META)) {
            return Optional.empty();
        }
        String text = readText(META);
        Properties fields = new Properties();
        fields.load(new StringReader(text));
        try {
            requireChecksum(text, fields);
            return Optional.of(new Identity(
                    required(fields, "cluster.id"),
                    required(fields, "directory.id"),
                    Integer.parseInt(required(fields, "broker.id")),
                    Long.parseLong(required(fields, "broker.epoch"))));
        } catch (IllegalArgumentException damaged) {
            throw new IOException(store + "/" + META + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    /** Files of the first version have none. */
    private static void requireChecksum(String text, Properties fields) {
        int end = text.lastIndexOf(CRC_KEY);
        boolean isOld = end < 0 && "1".equals(fields.getProperty("version"));
        if (!isOld && (end < 0 || !text.substring(end).equals(crcLine(text.substring(0, end))))) {
            throw new IllegalArgumentException("its checksum does not match");
        }
    }

    private static String crcLine(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%s%08x", CRC_KEY, crc.getValue());
    }

    private static String required(Properties fields, String key) {
        String value = fields.getProperty(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    /** Empty for a directory that has never been formatted. */
    public Optional<Identity> identity() {
        return identity;
    }

    /** Records the identity durably: the first time, and when the broker's epoch is new. */
    public void recordIdentity(Identity newIdentity) throws IOException {
        String text = "version=2\ncluster.id=" + newIdentity.clusterId() + "\ndirectory.id="
                + newIdentity.directoryId() + "\nbroker.id=" + newIdentity.brokerId() + "\nbroker.epoch="
                + newIdentity.brokerEpoch() + "\n";
        writeText(META, text + crcLine(text));
        identity = Optional.of(newIdentity);
    }

    public LastStop lastStop() {
        return lastStop;
    }

    /** Removes the mark of the clean stop, durably. Before this nothing may be written. */
    public void beginWriting() throws IOException {
        isLossKnown = identity.isEmpty() || lastStop.isClean() || lastStop.isSameBoot();
        if (isLossKnown) {
            writeText(BOOT_ID, bootId);
        }
        store.delete(CLEAN);
        for (String name : store.list("")) {
            if (name.endsWith(NEW_SUFFIX) && store.isDirectory(name)) {
                deleteTree(name);
            }
        }
        store.syncDirectory("");
    }

    /**
     * To be called once nobody counts on what this directory may have lost by the time that it was opened: a later start
     * need not find that out again.
     */
    public void lossesTold() throws IOException {
        if (!isLossKnown) {
            writeText(BOOT_ID, bootId);
            isLossKnown = true;
        }
    }

    /** The partitions that have a directory, without those that wait for deletion, with their topic ids. */
    public SequencedMap<TopicPartition, TopicId> partitions() throws IOException {
        TreeMap<TopicPartition, TopicId> partitions = new TreeMap<>();
        for (TopicPartition name : names()) {
            metadata(name).ifPresent(metadata -> partitions.put(name, metadata.topicId()));
        }
        return partitions;
    }

    /** The partitions that have a directory, but no topic id, as that file is missing or damaged: these are lost. */
    public List<TopicPartition> damagedPartitions() throws IOException {
        List<TopicPartition> damaged = new ArrayList<>();
        for (TopicPartition name : names()) {
            if (metadata(name).isEmpty()) {
                damaged.add(name);
            }
        }
        return damaged;
    }

    /** True if there are directories of partitions, whatever is in them. */
    public boolean hasPartitions() throws IOException {
        return !names().isEmpty();
    }

    private List<TopicPartition> names() throws IOException {
        List<TopicPartition> names = new ArrayList<>();
        for (String name : store.list("")) {
            Optional<TopicPartition> partition = parse(name);
            if (partition.isPresent() && store.isDirectory(name)) {
                names.add(partition.get());
            }
        }
        return names;
    }

    private Optional<PartitionFiles.Metadata> metadata(TopicPartition name) throws IOException {
        return new PartitionFiles(store, name.toString()).readMetadata();
    }

    private static Optional<TopicPartition> parse(String name) {
        int dash = name.lastIndexOf('-');
        if (dash <= 0 || dash == name.length() - 1) {
            return Optional.empty();
        }
        String number = name.substring(dash + 1);
        boolean isNumber = number.length() <= 9 && number.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber
                ? Optional.of(new TopicPartition(name.substring(0, dash), Integer.parseInt(number)))
                : Optional.empty();
    }

    /**
     * Opens a partition's log; recovers it where the last stop was not clean.
     *
     * @throws CorruptLogException if the replica is lost
     */
    public PartitionLog openPartition(TopicPartition name, LogConfig config, long nowMs) throws IOException {
        PartitionFiles files = new PartitionFiles(store, name.toString());
        LogRecovery.Known known = new LogRecovery.Known(
                lastStop.isClean(),
                recoveryPoints.offset(name),
                highWatermarks.offset(name),
                logStarts.offset(name, -1));
        return new PartitionLog(name, files, config, LogRecovery.open(files, config, known, nowMs));
    }

    /**
     * Makes an empty log, durably; there must be none of that name. Several threads may make logs at the same time, as
     * long as none does anything else with this directory. Costs three fsyncs.
     */
    public PartitionLog createPartition(TopicPartition name, TopicId topicId, FlushMode mode, LogConfig config)
            throws IOException {
        Check.that(!store.exists(name.toString()), name + " exists in " + store);
        String unfinished = name + NEW_SUFFIX;
        if (store.exists(unfinished)) {
            deleteTree(unfinished);
        }
        store.createDirectory(unfinished);
        PartitionFiles files = new PartitionFiles(store, unfinished);
        PartitionFiles.Metadata metadata = new PartitionFiles.Metadata(topicId, mode);
        files.writeFirstMetadata(metadata);
        // What is checkpointed under this name, if anything, is of a log that is gone.
        boolean isNameUsed = recoveryPoints.mayHave(name) || highWatermarks.mayHave(name) || logStarts.mayHave(name);
        if (isNameUsed) {
            files.writeTruncationPoint(0);
        }
        Segment.create(files, 0).close();
        store.syncDirectory(unfinished);
        store.rename(unfinished, name.toString());
        store.syncDirectory("");
        PartitionFiles renamed = new PartitionFiles(store, name.toString());
        return new PartitionLog(name, renamed, config, LogRecovery.empty(renamed, metadata, isNameUsed));
    }

    /** True for a file of a partition that its next opening deletes, and somebody may be deleting now. */
    public static boolean isLeftover(String file) {
        return PartitionFiles.isLeftover(file);
    }

    /** The disk itself, for what is done to whole files. */
    public FileStore store() {
        return store;
    }

    /** Bytes that the disk still takes, about. */
    public long usableBytes() throws IOException {
        return store.usableBytes();
    }

    /** Size of the disk. */
    public long totalBytes() throws IOException {
        return store.totalBytes();
    }

    /**
     * The high watermark that was checkpointed last, as far as it is of the log that is there now: not beyond what that
     * was truncated to since, nor of a log that had the name before. 0 if there is none.
     */
    public long checkpointedHighWatermark(TopicPartition name) throws IOException {
        long checkpointed = highWatermarks.offset(name);
        OptionalLong truncated = new PartitionFiles(store, name.toString()).readTruncationPoint();
        return Math.min(checkpointed, truncated.orElse(checkpointed));
    }

    /**
     * Takes a partition out, durably; its log must be closed or abandoned. Its files are left to {@link DeletedTrees}: to
     * delete them may take long.
     */
    public void deletePartition(TopicPartition name, TopicId topicId) throws IOException {
        new DeletedTrees(store).giveAway(name.toString(), name + "." + topicId);
        recoveryPoints.remove(name);
        highWatermarks.remove(name);
        logStarts.remove(name);
    }

    private void deleteTree(String directory) throws IOException {
        for (String name : store.list(directory)) {
            store.delete(directory + "/" + name);
        }
        store.delete(directory);
    }

    /**
     * Writes the checkpoints of these partitions, durably; partitions not named keep what they had. Afterwards each log
     * is to be told ({@link PartitionLog#recorded}).
     */
    public void checkpoint(Map<TopicPartition, Checkpoint> partitions) throws IOException {
        partitions.forEach((name, checkpoint) -> {
            recoveryPoints.put(name, checkpoint.recoveryPoint().offset());
            highWatermarks.put(name, checkpoint.highWatermark());
            logStarts.put(name, checkpoint.logStartOffset());
        });
        recoveryPoints.writeIfChanged(store);
        highWatermarks.writeIfChanged(store);
        logStarts.writeIfChanged(store);
    }

    /** Marks the directory as one whose fsync failed under this boot id; as far as the disk still lets it. */
    public void markFailed() {
        hasFailed = true;
        try {
            writeText(FAILED_BOOT_ID, bootId);
        } catch (IOException alsoFails) {
            // The disk takes nothing any more; the missing mark of a clean stop has to do.
            return;
        }
    }

    /**
     * Writes the mark of a clean stop and unlocks; every log must have been closed cleanly, before its checkpoint. There
     * is no mark as long as a loss is not told: what the next start would trust might be what has lost records.
     */
    public void closeCleanly() throws IOException {
        Check.that(!hasFailed, store + " has failed and cannot be closed cleanly");
        if (isLossKnown) {
            writeText(CLEAN, bootId);
        }
        lock.close();
    }

    /** Unlocks, without the mark. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // The lock goes with the process at the latest.
            return;
        }
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** One checkpoint file: a number for each partition, 0 where it has none. */
    private static final class OffsetTable {
        private final String path;
        private final Map<TopicPartition, Long> offsets = new TreeMap<>();
        /** What the file may still have, although it is not in the table any more. */
        private final Set<TopicPartition> removed = new HashSet<>();

        private boolean isChanged;

        private OffsetTable(String path) {
            this.path = path;
        }

        /** A file with a line that is no entry is damaged, and as good as missing. */
        static OffsetTable read(FileStore store, String path) throws IOException {
            OffsetTable table = new OffsetTable(path);
            for (String line : CheckpointFile.read(store, path).orElse(List.of())) {
                if (!table.take(line)) {
                    table.offsets.clear();
                    break;
                }
            }
            return table;
        }

        private boolean take(String line) {
            String[] fields = line.split(" ", -1);
            if (fields.length != 3) {
                return false;
            }
            try {
                offsets.put(new TopicPartition(fields[0], Integer.parseInt(fields[1])), Long.parseLong(fields[2]));
                return true;
            } catch (IllegalArgumentException damaged) {
                return false;
            }
        }

        long offset(TopicPartition name) {
            return offset(name, 0);
        }

        long offset(TopicPartition name, long unknown) {
            return offsets.getOrDefault(name, unknown);
        }

        void put(TopicPartition name, long offset) {
            Long before = offsets.put(name, offset);
            isChanged |= before == null || before != offset;
        }

        void remove(TopicPartition name) {
            if (offsets.remove(name) != null) {
                isChanged = true;
                removed.add(name);
            }
        }

        /** True if the table or its file has something under this name, or may have. */
        boolean mayHave(TopicPartition name) {
            return offsets.containsKey(name) || removed.contains(name);
        }

        void writeIfChanged(FileStore store) throws IOException {
            if (!isChanged) {
                return;
            }
            List<String> lines = new ArrayList<>(offsets.size());
            offsets.forEach((name, offset) -> lines.add(name.topic() + " " + name.partition() + " " + offset));
            CheckpointFile.replace(store, path, lines);
            removed.clear();
            isChanged = false;
        }
    }
}
