package io.lograft.record;

import java.util.Objects;

/**
 * What a {@link BatchBuilder} writes into the header of a batch besides what follows from its records.
 *
 * @param compression codec of the records
 * @param level of the codec
 * @param producerId id of the idempotent producer, -1 for none
 * @param producerEpoch its epoch, -1 for none
 * @param baseSequence sequence of the first record, -1 for none
 * @param flags attribute bits above the timestamp type: transactional, control, or 0
 * @param logAppendTimeMs time given to all records (timestamp type "log append"), or {@link #CREATE_TIME}
 */
public record BatchOptions(
        Compression compression,
        int level,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int flags,
        long logAppendTimeMs) {

    /** Each record keeps its own timestamp. */
    public static final long CREATE_TIME = -1;

    private static final int FLAGS = BatchHeader.TRANSACTIONAL_ATTRIBUTE | BatchHeader.CONTROL_ATTRIBUTE;

    public BatchOptions {
        Objects.requireNonNull(compression, "compression");
        if (!compression.hasLevel(level)) {
            throw new IllegalArgumentException(compression.label() + " has levels from " + compression.levelMin()
                    + " to " + compression.levelMax() + ", not " + level);
        }
        if ((flags & ~FLAGS) != 0) {
            throw new IllegalArgumentException("unknown attribute bits: " + flags);
        }
        boolean none = producerId == -1 && producerEpoch == -1 && baseSequence == -1;
        if (!none && (producerId < 0 || producerEpoch < 0 || baseSequence < -1)) {
            throw new IllegalArgumentException("producer id " + producerId + ", epoch " + producerEpoch + ", sequence "
                    + baseSequence + " do not fit together");
        }
    }

    /** Without a producer: a retry may leave a duplicate. */
    public static BatchOptions plain(Compression compression) {
        return new BatchOptions(compression, compression.levelDefault(), -1, (short) -1, -1, 0, CREATE_TIME);
    }

    /** Of an idempotent producer. */
    public static BatchOptions idempotent(
            Compression compression, long producerId, short producerEpoch, int baseSequence) {
        return new BatchOptions(
                compression, compression.levelDefault(), producerId, producerEpoch, baseSequence, 0, CREATE_TIME);
    }

    /** The same at another level of the codec. */
    public BatchOptions withLevel(int newLevel) {
        return new BatchOptions(compression, newLevel, producerId, producerEpoch, baseSequence, flags, logAppendTimeMs);
    }

    /** The same with all records given the time of their appending, in milliseconds since the epoch. */
    public BatchOptions withLogAppendTime(long timeMs) {
        return new BatchOptions(compression, level, producerId, producerEpoch, baseSequence, flags, timeMs);
    }

    /** The same with these attribute bits: transactional, control, or 0. */
    public BatchOptions withFlags(int newFlags) {
        return new BatchOptions(compression, level, producerId, producerEpoch, baseSequence, newFlags, logAppendTimeMs);
    }

    short attributes() {
        int type = logAppendTimeMs == CREATE_TIME ? 0 : BatchHeader.LOG_APPEND_TIME_ATTRIBUTE;
        return (short) (compression.bits() | type | flags);
    }
}
