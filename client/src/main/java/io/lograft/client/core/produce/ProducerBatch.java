package io.lograft.client.core.produce;

import io.lograft.client.core.Failure;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A closed batch of one partition, with all that its sender remembers about it. Owned by: client loop, from the moment
 * that it was taken out of the accumulator.
 */
public final class ProducerBatch {
    private final byte[] bytes;
    private final int recordCount;
    private final long createdMs;
    private final int reservedBytes;
    private final RecordOutcome[] outcomes;

    /** True from sending until an answer, or until the answer can no longer be hoped for. */
    boolean isOutstanding;
    /** True once some copy of the batch may have been appended without our knowing. */
    boolean isUncertain;
    /** Number of the newest copy sent; an answer to an older copy that refuses it says nothing about this one. */
    long correlationId = -1;

    ProducerIdentity identity;
    int baseSequence = -1;
    long sentMs;
    Failure lastRefusal;
    private boolean isDone;

    ProducerBatch(byte[] bytes, RecordOutcome[] outcomes, int recordCount, long createdMs, int reservedBytes) {
        this.bytes = bytes;
        this.outcomes = outcomes;
        this.recordCount = recordCount;
        this.createdMs = createdMs;
        this.reservedBytes = reservedBytes;
    }

    /** The batch as it goes over the wire. Not to be changed by the caller. */
    public byte[] bytes() {
        return bytes;
    }

    public int recordCount() {
        return recordCount;
    }

    /** When the first record was added, in milliseconds of the caller's clock. */
    public long createdMs() {
        return createdMs;
    }

    /** What the batch takes of the producer's buffer memory until its outcome is known. */
    public int reservedBytes() {
        return reservedBytes;
    }

    public long correlationId() {
        return correlationId;
    }

    public boolean isDone() {
        return isDone;
    }

    /** Writes identity and sequence into the header, and renews the checksum. */
    void stamp(ProducerIdentity newIdentity, int sequence) {
        identity = newIdentity;
        baseSequence = sequence;
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putLong(BatchHeader.PRODUCER_ID_POSITION, newIdentity.producerId());
        header.putShort(BatchHeader.PRODUCER_EPOCH_POSITION, newIdentity.epoch());
        header.putInt(BatchHeader.BASE_SEQUENCE_POSITION, sequence);
        CRC32C crc = new CRC32C();
        crc.update(bytes, BatchHeader.ATTRIBUTES_POSITION, bytes.length - BatchHeader.ATTRIBUTES_POSITION);
        header.putInt(BatchHeader.CRC_POSITION, (int) crc.getValue());
    }

    /**
     * Two batches with the first and the second half of the records, which take this one's place; it has at least two. They
     * keep its producer, and what is known of its outcome.
     */
    List<ProducerBatch> halves() {
        RecordBatch whole = RecordBatch.of(bytes);
        RecordCursor records = whole.records();
        int middle = recordCount / 2;
        List<ProducerBatch> halves =
                List.of(part(whole.header(), records, 0, middle), part(whole.header(), records, middle, recordCount));
        isDone = true;
        return halves;
    }

    private ProducerBatch part(BatchHeader header, RecordCursor records, int from, int to) {
        BatchBuilder builder = new BatchBuilder(Integer.MAX_VALUE);
        for (int i = from; i < to; i++) {
            if (!records.advance()) {
                throw new IllegalStateException("a batch of our own ends early: " + records.fault());
            }
            DecodedRecord record = records.record();
            builder.append(record.timestampMs(), record.key(), record.value(), record.headers());
        }
        Compression compression = Compression.forBits(header.codecBits()).orElseThrow();
        byte[] part = builder.build(
                header.producerId() < 0
                        ? BatchOptions.plain(compression)
                        : BatchOptions.idempotent(
                                compression, header.producerId(), header.producerEpoch(), sequenceAt(header, from)));
        int reserved = to == recordCount ? reservedBytes : 0;
        ProducerBatch made =
                new ProducerBatch(part, Arrays.copyOfRange(outcomes, from, to), to - from, createdMs, reserved);
        made.isUncertain = isUncertain;
        if (identity != null) {
            made.identity = identity;
            made.baseSequence = sequenceAt(header, from);
        }
        return made;
    }

    /** Sequences wrap around. */
    private static int sequenceAt(BatchHeader header, int index) {
        return (header.baseSequence() + index) & Integer.MAX_VALUE;
    }

    /** Tells every record that it was acknowledged. The first outcome counts. */
    public void acknowledge(BatchAck ack) {
        if (!isDone) {
            isDone = true;
            for (int i = 0; i < recordCount; i++) {
                outcomes[i].acknowledged(ack, i);
            }
        }
    }

    /** Tells every record that it failed. The first outcome counts. */
    public void fail(Failure failure) {
        if (!isDone) {
            isDone = true;
            for (int i = 0; i < recordCount; i++) {
                outcomes[i].failed(failure);
            }
        }
    }
}
