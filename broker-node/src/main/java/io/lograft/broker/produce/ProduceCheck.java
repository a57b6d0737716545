package io.lograft.broker.produce;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchRecoder;
import io.lograft.record.BatchValidator;
import io.lograft.record.Compression;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Checks a client's batch by the rules of its topic, in two steps: {@link #checkFrame} is as quick as a checksum, {@link
 * #finish} looks at every record and may decompress and compress. Immutable, for any thread.
 */
public final class ProduceCheck {
    /**
     * What the records of a batch may expand to. A reader has the same bound, so that what was taken can be read; one batch
     * that is looked at takes no more than that, and only where its codec is changed.
     */
    public static final int PLAIN_BYTES_MAX = RecordCursor.DECOMPRESSED_BYTES_MAX;

    private final ProduceRules rules;
    private final BatchValidator validator;
    /** Null where batches keep their codecs. */
    private final BatchRecoder recoder;

    /** Makes a check by these rules. */
    public ProduceCheck(ProduceRules rules) {
        this.rules = rules;
        this.validator = BatchValidator.forClients(rules.batchBytesMax());
        this.recoder = rules.compression().recoder().orElse(null);
    }

    /** The rules. */
    public ProduceRules rules() {
        return rules;
    }

    /** Checks that the bytes are one batch, by its header and checksum. */
    public Optional<BatchFault> checkFrame(ByteBuffer batch) {
        return validator.checkSingle(batch);
    }

    /** True where {@link #finish} takes long enough to keep others waiting: it has to decompress or to compress. */
    public boolean isCostly(BatchHeader header) {
        return header.codecBits() != Compression.NONE.bits() || changesCodec(header);
    }

    /** The batch as it is to be appended, or why it is not. */
    public record Verdict(ByteBuffer batch, Optional<BatchFault> fault) {}

    /** Checks the records of a batch in which {@link #checkFrame} found nothing, and gives it the topic's codec. */
    public Verdict finish(ByteBuffer bytes, long wallMs) {
        RecordBatch batch = RecordBatch.at(bytes, bytes.position());
        TimestampRules times = rules.timestamps();
        Optional<BatchFault> fault =
                validator.checkRecords(batch, PLAIN_BYTES_MAX, times.earliestMs(wallMs), times.latestMs(wallMs));
        if (fault.isEmpty() && rules.areKeysNeeded()) {
            fault = checkKeys(batch);
        }
        if (fault.isPresent() || !changesCodec(batch.header())) {
            return new Verdict(bytes, fault);
        }
        BatchRecoder.Recoded recoded = recoder.recode(batch, PLAIN_BYTES_MAX);
        if (recoded.fault().isEmpty() && recoded.batch().remaining() > rules.batchBytesMax()) {
            return new Verdict(
                    bytes,
                    Optional.of(new BatchFault(
                            ErrorCode.RECORD_TOO_LARGE,
                            "the batch of " + bytes.remaining() + " bytes has "
                                    + recoded.batch().remaining() + " with the topic's codec "
                                    + recoder.compression().label() + ", more than the limit of "
                                    + rules.batchBytesMax())));
        }
        return new Verdict(recoded.batch(), recoded.fault());
    }

    private static Optional<BatchFault> checkKeys(RecordBatch batch) {
        RecordCursor records = batch.records(PLAIN_BYTES_MAX);
        for (int i = 0; records.advance(); i++) {
            if (!records.record().hasKey()) {
                return Optional.of(new BatchFault(
                        ErrorCode.INVALID_REQUEST,
                        "record " + i
                                + " of the batch has no key, and the topic is compacted, which keeps one record for"
                                + " each key"));
            }
        }
        return records.fault();
    }

    private boolean changesCodec(BatchHeader header) {
        return recoder != null && recoder.changes(header);
    }
}
