package io.lograft.client.core.fetch;

import io.lograft.client.core.Failure;

/** What happens to a {@link PartitionReader}. */
public sealed interface ReaderEvent {

    /** Time has passed. */
    record Wake() implements ReaderEvent {
        public static final Wake INSTANCE = new Wake();
    }

    /** The partition's leader as metadata have it; broker -1 while there is none. */
    record LeaderIs(int broker, int epoch) implements ReaderEvent {}

    /**
     * Read from this offset on.
     *
     * @param lastReadEpoch leader epoch of the record before it, -1 where that was not read
     */
    record Seek(long offset, int lastReadEpoch) implements ReaderEvent {}

    /** Read from one end of the log on, wherever that is. */
    record SeekTo(OffsetReset end) implements ReaderEvent {}

    /** The answer to {@link ReaderEffect.LookUp}. */
    record Found(long number, long offset) implements ReaderEvent {}

    /**
     * Batches came in.
     *
     * @param nextOffset offset behind the last of them
     * @param lastEpoch leader epoch of the last of them
     */
    record Fetched(long number, long nextOffset, int lastEpoch) implements ReaderEvent {}

    /** The leader does not serve the partition any more. */
    record Refused(long number, Failure failure) implements ReaderEvent {}

    /** The stream to a broker broke. */
    record StreamBroken(int broker) implements ReaderEvent {}

    /** Stop reading for now. */
    record Pause() implements ReaderEvent {
        public static final Pause INSTANCE = new Pause();
    }

    /** Go on from this offset. */
    record Resume(long offset) implements ReaderEvent {}
}
