package io.lograft.client;

import io.lograft.client.core.fetch.OffsetReset;
import io.lograft.client.core.fetch.ReaderEvent;
import io.lograft.client.transport.ConsumerRuntime;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.model.TopicPartition;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The application's side of one partition being read: the offset of the next record to be handed out, and the count of
 * seeks, by which chunks that were read before one are told from those after it. Owned by: the consumer's thread.
 */
final class ConsumerPartition {
    static final long UNKNOWN = -1;

    private final TopicPartition partition;
    private final ConsumerRuntime runtime;
    private long position = UNKNOWN;
    /** Which end of the log the position will be; null once it is known, or while there is none. */
    private OffsetReset pendingEnd;

    /** Leader epoch of the last record handed out, -1 if there is none. */
    private int lastReadEpoch = -1;

    private long generation;
    private boolean isPaused;

    /** {@code firstGeneration} is above all that another one for the same partition had before. */
    ConsumerPartition(TopicPartition partition, ConsumerRuntime runtime, long firstGeneration) {
        this.partition = partition;
        this.runtime = runtime;
        this.generation = firstGeneration;
    }

    /** How far these were handed out, where that is known. */
    static Map<TopicPartition, OffsetAndMetadata> positions(Map<TopicPartition, ConsumerPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        partitions.forEach((partition, read) -> {
            if (read.position != UNKNOWN) {
                positions.put(partition, new OffsetAndMetadata(read.position, read.lastReadEpoch, ""));
            }
        });
        return positions;
    }

    /** Records behind the position that are known of; empty while nothing is. */
    OptionalLong lag() {
        long highWatermark = runtime.highWatermark(partition);
        return position == UNKNOWN || highWatermark < 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, highWatermark - position));
    }

    long position() {
        return position;
    }

    long generation() {
        return generation;
    }

    /** True where neither a position nor an end of the log was given. */
    boolean isUnpositioned() {
        return position == UNKNOWN && pendingEnd == null;
    }

    /** What to ask for the position; null where there is none. */
    OffsetLookup.Question pendingQuestion() {
        if (pendingEnd == null) {
            return null;
        }
        return pendingEnd == OffsetReset.EARLIEST ? new OffsetLookup.Earliest() : new OffsetLookup.Latest();
    }

    void seek(long offset) {
        goOnAt(offset, -1);
    }

    /** Goes on where a record of this leader epoch was the last one read, by whomever; -1 where that is not known. */
    void goOnAt(long offset, int leaderEpoch) {
        position = offset;
        pendingEnd = null;
        lastReadEpoch = leaderEpoch;
        restart();
    }

    void seek(OffsetReset end) {
        position = UNKNOWN;
        pendingEnd = end;
        lastReadEpoch = -1;
        restart();
    }

    /** What lies before this offset, of this leader epoch, was handed out or passed over. */
    void advanceTo(long offset, int leaderEpoch) {
        position = offset;
        pendingEnd = null;
        lastReadEpoch = leaderEpoch;
    }

    /** A look-up ended here. What lies before was not read, so nothing is known of its epoch. */
    void foundAt(long offset) {
        advanceTo(offset, -1);
    }

    void pause() {
        if (!isPaused) {
            isPaused = true;
            generation++;
            runtime.send(partition, ReaderEvent.Pause.INSTANCE, generation);
        }
    }

    void resume() {
        if (isPaused) {
            isPaused = false;
            restart();
        }
    }

    private void restart() {
        generation++;
        if (isPaused || isUnpositioned()) {
            return;
        }
        ReaderEvent event =
                pendingEnd != null ? new ReaderEvent.SeekTo(pendingEnd) : new ReaderEvent.Seek(position, lastReadEpoch);
        runtime.send(partition, event, generation);
    }
}
