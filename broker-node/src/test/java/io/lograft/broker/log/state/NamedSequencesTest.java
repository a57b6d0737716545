package io.lograft.broker.log.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import io.lograft.record.NamedProducerId;
import org.junit.jupiter.api.Test;

final class NamedSequencesTest {
    private static final long ID = NamedProducerId.of("loader");

    private final ProducerStates states = new ProducerStates();

    private static BatchHeader batch(long sequence, int count, long baseOffset) {
        return new BatchHeader(
                baseOffset,
                BatchHeader.SIZE_BYTES + count,
                1,
                0,
                (short) 0,
                count - 1,
                5,
                5,
                ID,
                NamedProducerId.epochOf(sequence),
                NamedProducerId.baseSequenceOf(sequence),
                count);
    }

    private SequenceCheck check(long sequence, int count) {
        return states.check(batch(sequence, count, 0));
    }

    private void append(long sequence, int count, long offset) {
        assertThat(check(sequence, count)).isInstanceOf(SequenceCheck.New.class);
        states.appended(batch(sequence, count, offset), 1_000);
    }

    private static void assertRefused(SequenceCheck check, ErrorCode code, String part) {
        assertThat(check).isInstanceOf(SequenceCheck.Refused.class);
        assertThat(((SequenceCheck.Refused) check).error()).isEqualTo(code);
        assertThat(((SequenceCheck.Refused) check).message()).contains(part);
    }

    @Test
    void sequencesMayBeginAnywhereAndHaveGaps() {
        append(70, 3, 10);
        append(99, 1, 20);
        append(100, 2, 21);
    }

    @Test
    void anyPartOfARememberedBatchIsADuplicateAtItsPlace() {
        append(70, 4, 10);
        append(80, 2, 14);
        assertThat(check(70, 4)).isEqualTo(new SequenceCheck.Duplicate(10, 13));
        assertThat(check(71, 2)).isEqualTo(new SequenceCheck.Duplicate(11, 12));
        assertThat(check(73, 1)).isEqualTo(new SequenceCheck.Duplicate(13, 13));
        assertThat(check(81, 1)).isEqualTo(new SequenceCheck.Duplicate(15, 15));
    }

    @Test
    void belowWhatIsRememberedADuplicateHasNoOffsetAndWaitsForAllThatIsKnown() {
        for (int i = 0; i < ProducerStates.BATCHES_KEPT + 1; i++) {
            append(10 * i + 1, 2, 100 + 2 * i);
        }
        assertThat(check(11, 2)).isEqualTo(new SequenceCheck.Duplicate(102, 103));
        assertThat(check(1, 2)).isEqualTo(new SequenceCheck.Duplicate(-1, 111));
    }

    @Test
    void whatIsNewOnlyInPartIsOutOfOrder() {
        append(70, 3, 10);
        assertRefused(check(72, 2), ErrorCode.OUT_OF_ORDER_SEQUENCE, "the last one written is 72");
        append(73, 1, 13);
        assertRefused(check(72, 2), ErrorCode.OUT_OF_ORDER_SEQUENCE, "the last one written is 73");
    }

    @Test
    void whatWasSkippedIsNoDuplicate() {
        append(70, 3, 10);
        append(80, 3, 13);
        assertRefused(check(75, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE, "were skipped");
        assertRefused(check(72, 9), ErrorCode.OUT_OF_ORDER_SEQUENCE, "the last one written is 82");
    }

    @Test
    void sequencesGoOnInTheNextEpochAndNoEpochFencesTheOneBefore() {
        long border = 1L << 31;
        append(border - 2, 2, 10);
        append(border, 2, 12);
        assertThat(check(border - 1, 1)).isEqualTo(new SequenceCheck.Duplicate(11, 11));
        assertThat(check(border + 1, 1)).isEqualTo(new SequenceCheck.Duplicate(13, 13));
        append(NamedProducerId.SEQUENCE_MAX, 1, 14);
    }

    @Test
    void aBatchMustNotPassTheEndOfItsEpoch() {
        assertRefused(check((1L << 31) - 1, 2), ErrorCode.INVALID_REQUEST, "the end of its epoch");
    }
}
