package io.lograft.broker.dump;

import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.record.DecodedRecord;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** One batch, or one message of an older format, at its place in a segment file. */
interface Frame {
    long position();

    int sizeBytes();

    long baseOffset();

    long lastOffset();

    long maxTimestampMs();

    int recordCount();

    /** Whether the checksum fits. */
    boolean isValid();

    /** Of format 2; null for the older ones. */
    BatchHeader header();

    /** The bytes; null where they are too many to be looked into. */
    ByteBuffer bytes();

    /** Hands out the records in order; what stops it is returned, null at the end. */
    BatchFault forEachRecord(Consumer<DecodedRecord> consumer);

    default long nextOffset() {
        return lastOffset() + 1;
    }
}
