package io.lograft.client.core.produce;

import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.NamedProducerId;
import io.lograft.record.RecordHeader;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers the records of one partition into batches: one open batch, and closed ones that wait for the sender. Memory is
 * granted from outside in slices, before a record is added: {@link #missingBytes} says how much, {@link #grant} gives it.
 * Owned by: whoever holds the partition's lock.
 */
public final class PartitionAccumulator implements BatchSource {
    /** Memory is asked for in multiples of this, so that not every record has to ask. */
    static final int SLICE_BYTES = 4 * 1024;

    /** What adding a record led to. */
    public enum Appended {
        /** The record is in the batch that was open. */
        ADDED,
        /** The record opened a batch: the sender has to be told. */
        OPENED,
        /** The record did not fit; it opened another batch, and the one before is closed: the sender has to be told. */
        CLOSED_AND_OPENED
    }

    private final BatchBuilder builder;
    private final int batchBytes;
    private final Compression compression;
    private final int level;
    private final long namedId;
    private final ArrayDeque<ProducerBatch> closed = new ArrayDeque<>();
    private RecordOutcome[] outcomes = new RecordOutcome[16];
    private long openedMs = NONE;
    private int reservedBytes;
    private int grantedBytes;
    private long openedSequence = RecordOutcome.NO_SEQUENCE;

    /** For records without sequences. */
    public PartitionAccumulator(int batchBytes, Compression compression) {
        this(batchBytes, compression, SenderConfig.NO_NAME);
    }

    /** For records that bring their sequences along, unless the id is {@link SenderConfig#NO_NAME}. */
    public PartitionAccumulator(int batchBytes, Compression compression, long namedId) {
        this(batchBytes, compression, compression.levelDefault(), namedId);
    }

    /** The same at another level of the codec. */
    public PartitionAccumulator(int batchBytes, Compression compression, int level, long namedId) {
        this.level = level;
        this.batchBytes = batchBytes;
        this.namedId = namedId;
        this.builder = new BatchBuilder(batchBytes);
        this.compression = compression;
    }

    /** Closes the open batch if the record with this outcome, which is the next, may not be in it by its sequence. */
    public void prepareFor(RecordOutcome next) {
        if (namedId != SenderConfig.NO_NAME && !builder.isEmpty()) {
            long last = openedSequence + builder.recordCount() - 1;
            if (!NamedProducerId.continues(next.sequence(), last)) {
                close();
            }
        }
    }

    /** How much memory must be granted before a record of at most this size can be added; 0 if there is enough. */
    public int missingBytes(int recordBytesMax) {
        int needed = fits(recordBytesMax) ? builder.sizeBytes() + recordBytesMax - reservedBytes : recordBytesMax;
        int missing = needed - grantedBytes;
        return missing <= 0 ? 0 : (missing + SLICE_BYTES - 1) / SLICE_BYTES * SLICE_BYTES;
    }

    /** Gives memory that {@link #missingBytes} asked for. */
    public void grant(int bytes) {
        grantedBytes += bytes;
    }

    /** True if a batch is open and a record of at most this size fits into it. */
    public boolean hasRoom(int recordBytesMax) {
        return !builder.isEmpty() && fits(recordBytesMax);
    }

    /**
     * Adds a record; see {@link BatchBuilder#append(long, byte[], byte[], List)}. Unless the answer is ADDED, {@link
     * #opened} is to be called next: so only the first record of a batch needs the clock.
     */
    public Appended append(
            long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers, RecordOutcome outcome) {
        Appended appended = builder.isEmpty() ? Appended.OPENED : Appended.ADDED;
        if (!builder.append(timestampMs, key, value, headers)) {
            close();
            builder.append(timestampMs, key, value, headers);
            appended = Appended.CLOSED_AND_OPENED;
        }
        int index = builder.recordCount() - 1;
        if (index == 0) {
            openedSequence = outcome.sequence();
        }
        if (index == outcomes.length) {
            outcomes = Arrays.copyOf(outcomes, 2 * index);
        }
        outcomes[index] = outcome;
        reservedBytes += grantedBytes;
        grantedBytes = 0;
        return appended;
    }

    /** Tells when the open batch got its first record. */
    public void opened(long nowMs) {
        openedMs = nowMs;
    }

    /** Closes the open batch, if there is one, so that it is sent whatever its size. */
    public void close() {
        if (builder.isEmpty()) {
            return;
        }
        int count = builder.recordCount();
        byte[] bytes = builder.build(options());
        closed.add(new ProducerBatch(bytes, Arrays.copyOf(outcomes, count), count, openedMs, reservedBytes));
        Arrays.fill(outcomes, 0, count, null);
        builder.reset();
        reservedBytes = 0;
        openedMs = NONE;
    }

    private BatchOptions options() {
        BatchOptions options = namedId == SenderConfig.NO_NAME
                ? BatchOptions.plain(compression)
                : BatchOptions.idempotent(
                        compression,
                        namedId,
                        NamedProducerId.epochOf(openedSequence),
                        NamedProducerId.baseSequenceOf(openedSequence));
        return options.withLevel(level);
    }

    @Override
    public ProducerBatch take(boolean mayTakeOpen) {
        if (closed.isEmpty() && mayTakeOpen) {
            close();
        }
        return closed.poll();
    }

    @Override
    public long oldestMs() {
        return closed.isEmpty() ? openedMs : closed.peek().createdMs();
    }

    @Override
    public boolean hasClosed() {
        return !closed.isEmpty();
    }

    private boolean fits(int recordBytesMax) {
        return builder.isEmpty() || builder.sizeBytes() + recordBytesMax <= batchBytes;
    }
}
