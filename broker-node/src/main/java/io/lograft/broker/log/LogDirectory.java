package io.lograft.broker.log;

import io.lograft.broker.log.io.FileStore;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One log directory of the broker, locked by this process. Used by one thread at a time; the logs in it belong to their
 * loops. The order of a start: {@link #open}, compare {@link #identity}, {@link #lastStop}; {@link #beginWriting};
 * {@link #openPartition} for each of {@link #partitions}.
 */
@SuppressWarnings("DoNotCallSuggester") // the bodies follow
public final class LogDirectory implements AutoCloseable {

    /** Whose directory it is, from {@code meta.properties}. */
    public record Identity(String clusterId, String directoryId, int brokerId, long brokerEpoch) {}

    /** How the last process left it: whether cleanly, and whether the machine has not been started anew since. */
    public record LastStop(boolean isClean, boolean isSameBoot) {}

    /** What is checkpointed of a partition. */
    public record Checkpoint(RecoveryPoint recoveryPoint, long highWatermark, long logStartOffset) {}

    /**
     * Locks and reads a log directory.
     *
     * @param bootId identity of this start of the machine, empty if unknown
     * @throws IOException if another process holds it, its last fsync failed under this boot id, or it cannot be read
     */
    public static LogDirectory open(FileStore store, String bootId) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Empty for a directory that has never been formatted. */
    public Optional<Identity> identity() {
        throw new UnsupportedOperationException();
    }

    /** Records the identity durably: the first time, and when the broker's epoch is new. */
    public void recordIdentity(Identity identity) throws IOException {
        throw new UnsupportedOperationException();
    }

    public LastStop lastStop() {
        throw new UnsupportedOperationException();
    }

    /** Removes the mark of the clean stop, durably, and records the boot id. Before this nothing may be written. */
    public void beginWriting() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The partitions that have a directory, without those that wait for deletion; name and topic id. */
    public Map<TopicPartition, TopicId> partitions() throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Opens a partition's log; recovers it where the last stop was not clean.
     *
     * @throws CorruptLogException if the replica is lost
     */
    public PartitionLog openPartition(TopicPartition name, LogConfig config, long nowMs) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Makes an empty log, durably. */
    public PartitionLog createPartition(TopicPartition name, TopicId topicId, FlushMode mode, LogConfig config)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The high watermark that was checkpointed last, 0 if none. */
    public long checkpointedHighWatermark(TopicPartition name) {
        throw new UnsupportedOperationException();
    }

    /** Renames a partition's directory, durably; its log must be closed or abandoned. */
    public void deletePartition(TopicPartition name, TopicId topicId) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Deletes the files of partitions that {@link #deletePartition} renamed. Returns how many partitions it were. */
    public int purgeDeleted() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Writes the checkpoints of all partitions, durably; partitions not named keep what they had. */
    public void checkpoint(Map<TopicPartition, Checkpoint> partitions) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Marks the directory as one whose fsync failed under this boot id; as far as the disk still lets it. */
    public void markFailed() {
        throw new UnsupportedOperationException();
    }

    /** Writes the mark of a clean stop and unlocks; every log must have been closed cleanly, after its checkpoint. */
    public void closeCleanly() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Unlocks, without the mark. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Names of the topics' partitions that have a checkpoint. */
    public List<TopicPartition> checkpointed() {
        throw new UnsupportedOperationException();
    }
}
