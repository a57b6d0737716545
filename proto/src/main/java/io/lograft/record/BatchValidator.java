package io.lograft.record;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a broker checks of a batch before it appends it. Answers with a value and never throws for bad bytes. Checks the
 * header and the checksum, and decompresses nothing; {@link #checkRecords(RecordBatch, int)} goes further. Immutable, for any thread.
 */
public final class BatchValidator {

    /** The wire form of "no producer" in all three producer fields. */
    private static final int NO_PRODUCER = -1;

    private static final int ATTRIBUTES_OF_CLIENTS = BatchHeader.CODEC_ATTRIBUTES
            | BatchHeader.LOG_APPEND_TIME_ATTRIBUTE
            | BatchHeader.TRANSACTIONAL_ATTRIBUTE
            | BatchHeader.CONTROL_ATTRIBUTE;
    private static final int ATTRIBUTES_OF_LEADERS = ATTRIBUTES_OF_CLIENTS | BatchHeader.DELETE_HORIZON_ATTRIBUTE;

    private enum Origin {
        CLIENT,
        LEADER
    }

    private final Origin origin;
    private final int sizeBytesMax;

    private BatchValidator(Origin origin, int sizeBytesMax) {
        this.origin = origin;
        this.sizeBytesMax = sizeBytesMax;
    }

    /**
     * For batches from clients, which may set neither offsets nor the marks of the system: base offset and leader epoch
     * are not looked at, as the leader replaces them.
     *
     * @param sizeBytesMax greatest size of a batch, header included
     */
    public static BatchValidator forClients(int sizeBytesMax) {
        return new BatchValidator(Origin.CLIENT, sizeBytesMax);
    }

    /** For batches from a log: of a leader, or from disk. Gaps left by compaction are legal here, and so is any size. */
    public static BatchValidator forLeaders() {
        return new BatchValidator(Origin.LEADER, Integer.MAX_VALUE);
    }

    /** Checks that the buffer has exactly one batch between position and limit, and that it is sound. */
    public Optional<BatchFault> checkSingle(ByteBuffer buffer) {
        Optional<BatchFault> tooLarge = checkSize(buffer.remaining());
        if (tooLarge.isPresent()) {
            return tooLarge;
        }
        BatchReader reader = BatchReader.over(buffer);
        if (!reader.advance()) {
            return reader.fault().isPresent()
                    ? reader.fault()
                    : Optional.of(new BatchFault(ErrorCode.INVALID_REQUEST, "there is no batch in 0 bytes"));
        }
        Optional<BatchFault> fault = check(reader.batch());
        if (fault.isEmpty() && reader.position() != buffer.limit()) {
            return refused((buffer.limit() - reader.position()) + " bytes follow the batch of "
                    + reader.batch().sizeBytes() + " bytes; exactly one batch is expected");
        }
        return fault;
    }

    /** Checks all batches between position and limit; the first fault found is the answer. */
    public Optional<BatchFault> checkAll(ByteBuffer buffer) {
        BatchReader reader = BatchReader.over(buffer);
        while (reader.advance()) {
            Optional<BatchFault> fault = check(reader.batch());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return reader.fault();
    }

    /** Checks one batch whose frame is known to be whole. */
    public Optional<BatchFault> check(RecordBatch batch) {
        BatchHeader header = batch.header();
        Optional<BatchFault> fault = checkSize(header.sizeBytes());
        if (fault.isPresent()) {
            return fault;
        }
        // Before any other field: all of them are as wrong as the checksum says.
        int crc = batch.crcOfContent();
        if (crc != header.crc()) {
            return corrupt("checksum is " + Integer.toHexString(crc) + ", the header says "
                    + Integer.toHexString(header.crc()));
        }
        fault = checkAttributes(header);
        if (fault.isEmpty()) {
            fault = checkCounts(header);
        }
        return fault.isEmpty() ? checkProducer(header) : fault;
    }

    /**
     * Walks all records, too, and decompresses them in a stream, of which no more than a buffer is held: that they are as
     * many as the header says, have a sound layout, offsets in order (from clients: without gaps) and the greatest
     * timestamp that the header claims. A checksum that fits says nothing of all that.
     *
     * @param plainBytesMax bound on what the records may expand to
     */
    public Optional<BatchFault> checkRecords(RecordBatch batch, int plainBytesMax) {
        return checkRecords(batch, plainBytesMax, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /**
     * The same, and that no record has a timestamp before or after these; one without a timestamp may pass.
     *
     * @param earliestMs in milliseconds since the epoch, as {@code latestMs}
     */
    public Optional<BatchFault> checkRecords(RecordBatch batch, int plainBytesMax, long earliestMs, long latestMs) {
        BatchHeader header = batch.header();
        RecordWalk walk = new RecordWalk(header, origin == Origin.CLIENT, plainBytesMax);
        BatchFault fault = walk.run(batch);
        if (fault == null && header.recordCount() > 0 && walk.maxTimestampMs() != header.maxTimestampMs()) {
            fault = BatchFault.corrupt("greatest timestamp of the records is " + walk.maxTimestampMs()
                    + ", the header says " + header.maxTimestampMs());
        }
        if (fault != null) {
            // A client that made it so will make it so again; what a log has may be better at another replica.
            boolean isRefusal = origin == Origin.CLIENT && fault.code() == ErrorCode.CORRUPT_BATCH;
            return isRefusal ? refused(fault.message()) : Optional.of(fault);
        }
        if (header.recordCount() == 0 || (walk.minTimestampMs() >= earliestMs && walk.maxTimestampMs() <= latestMs)) {
            return Optional.empty();
        }
        return Optional.of(new BatchFault(
                ErrorCode.INVALID_TIMESTAMP,
                "records have timestamps from " + walk.minTimestampMs() + " to " + walk.maxTimestampMs()
                        + ", allowed is from " + earliestMs + " to " + latestMs));
    }

    static BatchFault unknownCodec(BatchHeader header) {
        return new BatchFault(ErrorCode.UNSUPPORTED_COMPRESSION, "codec " + header.codecBits() + " is not known");
    }

    private Optional<BatchFault> checkSize(int sizeBytes) {
        return sizeBytes <= sizeBytesMax
                ? Optional.empty()
                : Optional.of(new BatchFault(
                        ErrorCode.RECORD_TOO_LARGE,
                        "the batch has " + sizeBytes + " bytes, more than the limit of " + sizeBytesMax));
    }

    private Optional<BatchFault> checkAttributes(BatchHeader header) {
        int known = origin == Origin.CLIENT ? ATTRIBUTES_OF_CLIENTS : ATTRIBUTES_OF_LEADERS;
        if ((header.attributes() & ~known) != 0) {
            return refused("unknown attribute bits in " + Integer.toHexString(header.attributes() & 0xffff));
        }
        if (Compression.forBits(header.codecBits()).isEmpty()) {
            return Optional.of(unknownCodec(header));
        }
        if (origin == Origin.LEADER) {
            return Optional.empty();
        }
        if (header.isControl()) {
            return refused("a client may not write control batches");
        }
        if (header.isTransactional()) {
            // Without a coordinator nobody could end the transaction, and readers would see aborted records.
            return Optional.of(new BatchFault(ErrorCode.UNSUPPORTED_VERSION, "transactions are not supported"));
        }
        return header.isLogAppendTime()
                ? refused("a client may not claim the log append time, only the broker knows it")
                : Optional.empty();
    }

    private Optional<BatchFault> checkCounts(BatchHeader header) {
        int span = header.lastOffsetDelta() + 1;
        if (header.lastOffsetDelta() < 0 || span <= 0) {
            return corrupt("last offset delta is " + header.lastOffsetDelta());
        }
        if (origin == Origin.CLIENT) {
            return header.recordCount() == span
                    ? Optional.empty()
                    : corrupt("record count is " + header.recordCount() + ", but the last offset delta is "
                            + header.lastOffsetDelta());
        }
        if (header.recordCount() < 0 || header.recordCount() > span) {
            return corrupt("record count is " + header.recordCount() + " for " + span + " offsets");
        }
        if (header.baseOffset() < 0 || header.lastOffset() < 0 || header.leaderEpoch() < 0) {
            return corrupt("base offset is " + header.baseOffset() + " and leader epoch " + header.leaderEpoch());
        }
        return Optional.empty();
    }

    private Optional<BatchFault> checkProducer(BatchHeader header) {
        boolean none = header.producerId() == NO_PRODUCER
                && header.producerEpoch() == NO_PRODUCER
                && header.baseSequence() == NO_PRODUCER;
        // Markers that end a transaction have a producer and no sequence.
        int sequenceMin = header.isControl() ? -1 : 0;
        boolean whole = header.producerId() >= 0 && header.producerEpoch() >= 0 && header.baseSequence() >= sequenceMin;
        return none || whole
                ? Optional.empty()
                : refused("producer id " + header.producerId() + ", epoch " + header.producerEpoch() + " and sequence "
                        + header.baseSequence() + " do not fit together");
    }

    private static Optional<BatchFault> refused(String message) {
        return Optional.of(new BatchFault(ErrorCode.INVALID_REQUEST, message));
    }

    private static Optional<BatchFault> corrupt(String message) {
        return Optional.of(BatchFault.corrupt(message));
    }
}
