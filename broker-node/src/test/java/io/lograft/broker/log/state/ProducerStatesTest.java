package io.lograft.broker.log.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProducerStatesTest {
    private static final long ID = 44;

    private final ProducerStates states = new ProducerStates();

    private static BatchHeader batch(int epoch, int sequence, int count, long baseOffset) {
        int size = BatchHeader.SIZE_BYTES + count;
        return new BatchHeader(baseOffset, size, 1, 0, (short) 0, count - 1, 5, 5, ID, (short) epoch, sequence, count);
    }

    private SequenceCheck check(int epoch, int sequence, int count) {
        return states.check(batch(epoch, sequence, count, 0));
    }

    private void append(int epoch, int sequence, int count, long offset) {
        BatchHeader batch = batch(epoch, sequence, count, offset);
        assertThat(states.check(batch)).isInstanceOf(SequenceCheck.New.class);
        states.appended(batch, 1000);
    }

    private static void assertRefused(SequenceCheck check, ErrorCode code) {
        assertThat(check).isInstanceOf(SequenceCheck.Refused.class);
        assertThat(((SequenceCheck.Refused) check).error()).isEqualTo(code);
        assertThat(((SequenceCheck.Refused) check).message()).contains("producer 44");
    }

    @Test
    void batchesWithoutAProducerAreNeverDuplicates() {
        BatchHeader plain = new BatchHeader(0, 70, 1, 0, (short) 0, 0, 5, 5, -1, (short) -1, -1, 1);
        states.appended(plain, 1000);
        assertThat(states.check(plain)).isInstanceOf(SequenceCheck.New.class);
        assertThat(states.count()).isZero();
    }

    @Test
    void anUnknownProducerStartsAtZero() {
        assertRefused(check(0, 7, 1), ErrorCode.UNKNOWN_PRODUCER);
        append(0, 0, 3, 10);
        append(0, 3, 1, 20);
    }

    @Test
    void theLastFiveBatchesAreRecognisedAndOlderOnesRefused() {
        for (int i = 0; i < 6; i++) {
            append(0, i * 2, 2, 100 + i * 10);
        }
        for (int i = 1; i < 6; i++) {
            assertThat(check(0, i * 2, 2)).isEqualTo(new SequenceCheck.Duplicate(100 + i * 10, 101 + i * 10));
        }
        assertRefused(check(0, 0, 2), ErrorCode.DUPLICATE_SEQUENCE);
        assertRefused(check(0, 10, 1), ErrorCode.DUPLICATE_SEQUENCE);
        assertRefused(check(0, 13, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
        assertRefused(check(0, 11, 5), ErrorCode.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void aNewerEpochFencesTheOlderAndStartsAtZero() {
        append(1, 0, 2, 0);
        assertRefused(check(2, 2, 1), ErrorCode.OUT_OF_ORDER_SEQUENCE);
        append(2, 0, 2, 5);
        assertRefused(check(1, 0, 2), ErrorCode.PRODUCER_FENCED);
        assertRefused(check(1, 2, 1), ErrorCode.PRODUCER_FENCED);
        assertThat(check(2, 0, 2)).isEqualTo(new SequenceCheck.Duplicate(5, 6));
    }

    @Test
    void sequencesWrapFromTheGreatestIntToZero() {
        states.restore(new ProducerStates.Entry(ID, (short) 0, Integer.MAX_VALUE - 3, Integer.MAX_VALUE - 2, 9, 1));
        append(0, Integer.MAX_VALUE - 1, 4, 10);
        assertThat(check(0, Integer.MAX_VALUE - 1, 4)).isEqualTo(new SequenceCheck.Duplicate(10, 13));
        append(0, 2, 1, 14);
        assertRefused(check(0, Integer.MAX_VALUE - 9, 2), ErrorCode.DUPLICATE_SEQUENCE);
        assertRefused(check(0, 4, 2), ErrorCode.OUT_OF_ORDER_SEQUENCE);
    }

    @Test
    void aProducerThatIsSilentForLongIsForgotten() {
        append(0, 0, 2, 0);
        states.expire(1000);
        assertThat(states.count()).isEqualTo(1);
        states.expire(1001);
        assertThat(states.count()).isZero();
        assertRefused(check(0, 2, 1), ErrorCode.UNKNOWN_PRODUCER);
    }

    @Test
    void aSnapshotKeepsAllThatIsKnown() {
        for (int i = 0; i < 7; i++) {
            append(3, i * 2, 2, 100 + i * 10);
        }
        byte[] bytes = ProducerSnapshot.encode(states.entries());
        List<ProducerStates.Entry> decoded = ProducerSnapshot.decode(bytes).orElseThrow();
        ProducerStates restored = new ProducerStates();
        decoded.forEach(restored::restore);
        assertThat(restored.entries()).isEqualTo(states.entries()).hasSize(5);
    }

    @Test
    void aReplicaThatBeginsBehindAllThatIsRememberedKnowsHowFarAProducerWas() {
        append(0, 0, 3, 100);
        for (int i = 0; i < ProducerStates.BATCHES_KEPT; i++) {
            append(0, 3 + 2 * i, 2, 200 + 2 * i);
        }
        ProducerStates begun = ProducerStates.of(states.entriesBelow(200));
        assertThat(begun.check(batch(0, 3, 2, 0))).isEqualTo(SequenceCheck.New.INSTANCE);
        assertRefused(begun.check(batch(0, 5, 2, 0)), ErrorCode.OUT_OF_ORDER_SEQUENCE);
        assertRefused(begun.check(batch(0, 0, 3, 0)), ErrorCode.DUPLICATE_SEQUENCE);

        ProducerStates within = ProducerStates.of(states.entriesBelow(204));
        assertThat(within.check(batch(0, 5, 2, 0))).isEqualTo(new SequenceCheck.Duplicate(202, 203));
        assertThat(within.check(batch(0, 7, 2, 0))).isEqualTo(SequenceCheck.New.INSTANCE);
    }

    @Test
    void aProducerThatIsNewBehindAnOffsetIsNotKnownBelow() {
        append(0, 0, 3, 100);
        assertThat(states.entriesBelow(100)).isEmpty();
    }

    @Test
    void aDamagedSnapshotIsTold() {
        append(3, 0, 2, 100);
        byte[] bytes = ProducerSnapshot.encode(states.entries());
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 4;
            assertThat(ProducerSnapshot.decode(flipped)).as("byte %d", i).isEmpty();
            assertThat(ProducerSnapshot.decode(java.util.Arrays.copyOf(bytes, i)))
                    .isEmpty();
        }
    }
}
