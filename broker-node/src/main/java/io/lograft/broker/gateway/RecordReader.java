package io.lograft.broker.gateway;

import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Reads the partitions of one stream. For one thread at a time, but for {@link #wakeUp}. All methods may throw {@link
 * io.lograft.client.LograftException}.
 */
interface RecordReader extends AutoCloseable {
    /** Stands for a position that is not known yet. */
    long UNKNOWN_OFFSET = -1;

    /** Is told which partitions come and go; called within {@link #begin}, {@link #poll} and {@link #close}. */
    interface Partitions {
        /** These are read from now on, from these offsets, as far as they are known. */
        void assigned(Map<TopicPartition, Long> offsets);

        /** These go to others once this returns. */
        void revoked(Set<TopicPartition> partitions);

        /** Others may have these already. */
        void lost(Set<TopicPartition> partitions);
    }

    /** Begins to read, or to take part in the group. */
    void begin(Partitions partitions);

    /** The next records; waits for the first one, unless it is woken. */
    List<LogRecord> poll(long waitMs);

    /** Reads nothing more from these until {@link #resume}; what was not polled yet comes later. */
    void pause(Collection<TopicPartition> partitions);

    /** Goes on with these. */
    void resume(Collection<TopicPartition> partitions);

    /** Commits for the group; completes with null, or with why nothing was committed. */
    CompletableFuture<Failure> commit(Map<TopicPartition, Long> offsets);

    /** Makes a poll that waits return. From any thread. */
    void wakeUp();

    /** Leaves the group, and ends. */
    @Override
    void close();
}
