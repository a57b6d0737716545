package io.lograft.broker.log;

import java.nio.ByteBuffer;
import java.util.List;

/** What came of a read. */
public sealed interface LogRead {

    /**
     * Whole batches, undecoded and in order. The first one may begin before the offset asked for, if that lies inside it.
     *
     * @param slices heap buffers to be read, one or more batches each; their bytes belong to the log and must not be
     *     changed. Empty where there is nothing between the offset asked for and the end given.
     * @param nextOffset offset that follows the last batch; the offset asked for where there is none
     * @param sizeBytes sum of the slices' sizes
     */
    record Batches(List<ByteBuffer> slices, long nextOffset, int sizeBytes) implements LogRead {}

    /** The offset is below the log's start or above its end. */
    record OutOfRange(long logStartOffset, long logEndOffset) implements LogRead {}
}
