package io.lograft.client.core.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchHeader;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import io.lograft.record.NamedProducerId;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import io.lograft.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamedSenderTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final long ID = NamedProducerId.of("loader");
    private static final long DELIVERY_MS = 1_000;

    private final PartitionAccumulator source = new PartitionAccumulator(4_096, Compression.GZIP, ID);
    private final PartitionSender sender =
            new PartitionSender(PARTITION, new SenderConfig(5, 0, DELIVERY_MS, 400, false, true, ID), source);
    private final List<String> outcomes = new ArrayList<>();
    private long nowMs = 100_000;

    @Test
    void consecutiveSequencesShareABatchAndOneIsInFlight() {
        ProducerBatch first = sent(add(7)).get(0);
        add(8);
        add(9);
        add(11);
        assertThat(header(first).producerId()).isEqualTo(ID);
        assertThat(header(first).baseSequence()).isEqualTo(7);

        ProducerBatch second = sent(acknowledge(first, 0)).get(0);
        assertThat(second.recordCount()).isEqualTo(2);
        assertThat(header(second).baseSequence()).isEqualTo(8);
        ProducerBatch third = sent(acknowledge(second, 1)).get(0);
        assertThat(header(third).baseSequence()).isEqualTo(11);
    }

    @Test
    void aBatchEndsWithItsEpoch() {
        long border = 1L << 31;
        add(1);
        add(border - 1);
        add(border);
        source.close();
        ProducerBatch low = source.take(true);
        ProducerBatch high = source.take(true);
        assertThat(List.of(header(low).producerEpoch(), header(high).producerEpoch()))
                .containsExactly((short) 0, (short) 1);
        assertThat(List.of(header(low).baseSequence(), header(high).baseSequence()))
                .containsExactly(Integer.MAX_VALUE, 0);
    }

    @Test
    void aBatchThatTheLeaderHasInPartGoesAgainInHalves() {
        ProducerBatch whole = batchOf(20, 3);
        List<ProducerBatch> halves = sent(refuse(whole, ErrorCode.OUT_OF_ORDER_SEQUENCE));
        assertThat(halves).hasSize(1);
        ProducerBatch first = halves.get(0);
        assertThat(values(first)).containsExactly("20");

        ProducerBatch rest = sent(acknowledge(first, 40)).get(0);
        assertThat(values(rest)).containsExactly("21", "22");
        assertThat(header(rest).baseSequence()).isEqualTo(21);
        assertThat(RecordBatch.of(rest.bytes()).verifyCrc()).isTrue();
        acknowledge(rest, 50);
        assertThat(outcomes).containsExactly("20@40", "21@50", "22@51");
        assertThat(first.reservedBytes() + rest.reservedBytes()).isEqualTo(whole.reservedBytes());
    }

    @Test
    void aBatchThatIsTooLargeGoesAgainInHalvesUntilOneRecordIsLeft() {
        ProducerBatch whole = batchOf(20, 2);
        ProducerBatch first = sent(refuse(whole, ErrorCode.RECORD_TOO_LARGE)).get(0);
        ProducerBatch second = sent(refuse(first, ErrorCode.RECORD_TOO_LARGE)).get(0);
        acknowledge(second, 5);
        assertThat(outcomes).containsExactly("20 RECORD_TOO_LARGE", "21@5");
    }

    @Test
    void whatWasSkippedFailsAndTheNextGoOn() {
        ProducerBatch single = sent(add(3)).get(0);
        add(9);
        ProducerBatch next =
                sent(refuse(single, ErrorCode.OUT_OF_ORDER_SEQUENCE)).get(0);
        acknowledge(next, 1);
        assertThat(outcomes).containsExactly("3 OUT_OF_ORDER_SEQUENCE", "9@1");
    }

    @Test
    void behindARecordThatMayStillBeWantedNothingIsWritten() {
        sent(add(3));
        add(4);
        add(9);
        nowMs += DELIVERY_MS;
        List<SenderEffect> effects = on(SenderEvent.Wake.INSTANCE);

        assertThat(outcomes).containsExactly("3 REQUEST_TIMED_OUT", "4 REQUEST_TIMED_OUT", "9 REQUEST_TIMED_OUT");
        assertThat(effects).anyMatch(SenderEffect.Stop.class::isInstance);
        assertThat(sent(add(10))).isEmpty();
        assertThat(outcomes).endsWith("10 REQUEST_TIMED_OUT");
    }

    private ProducerBatch batchOf(long first, int count) {
        ProducerBatch before = sent(add(1)).get(0);
        for (int i = 0; i < count; i++) {
            add(first + i);
        }
        ProducerBatch batch = sent(acknowledge(before, 0)).get(0);
        outcomes.clear();
        return batch;
    }

    private List<SenderEffect> add(long sequence) {
        on(new SenderEvent.LeaderIs(1, 0));
        Outcome outcome = new Outcome(sequence, outcomes);
        source.prepareFor(outcome);
        source.grant(source.missingBytes(100));
        byte[] value = Long.toString(sequence).getBytes(StandardCharsets.UTF_8);
        List<RecordHeader> headers = List.of(new RecordHeader("h", null));
        if (source.append(5, value, value, headers, outcome) != PartitionAccumulator.Appended.ADDED) {
            source.opened(nowMs);
        }
        return on(SenderEvent.Wake.INSTANCE);
    }

    private List<SenderEffect> acknowledge(ProducerBatch batch, long offset) {
        return on(new SenderEvent.Acknowledged(batch, new BatchAck(PARTITION, offset, 0, -1, 1, 1, false)));
    }

    private List<SenderEffect> refuse(ProducerBatch batch, ErrorCode code) {
        return on(new SenderEvent.Refused(batch, batch.correlationId(), new Failure(code, "no")));
    }

    private List<SenderEffect> on(SenderEvent event) {
        List<SenderEffect> effects = new ArrayList<>();
        sender.on(event, nowMs, effects);
        for (SenderEffect effect : effects) {
            if (effect instanceof SenderEffect.Acknowledge acknowledge) {
                acknowledge.batch().acknowledge(acknowledge.ack());
            } else if (effect instanceof SenderEffect.Fail fail) {
                fail.batch().fail(fail.failure());
            }
        }
        return effects;
    }

    private static List<ProducerBatch> sent(List<SenderEffect> effects) {
        return effects.stream()
                .filter(SenderEffect.Send.class::isInstance)
                .map(effect -> ((SenderEffect.Send) effect).batch())
                .toList();
    }

    private static BatchHeader header(ProducerBatch batch) {
        return RecordBatch.of(batch.bytes()).header();
    }

    private static List<String> values(ProducerBatch batch) {
        List<String> values = new ArrayList<>();
        RecordCursor cursor = RecordBatch.of(batch.bytes()).records();
        while (cursor.advance()) {
            DecodedRecord record = cursor.record();
            assertThat(record.headers()).hasSize(1);
            values.add(new String(record.value(), StandardCharsets.UTF_8));
        }
        return values;
    }

    private record Outcome(long sequence, List<String> outcomes) implements RecordOutcome {
        @Override
        public void acknowledged(BatchAck ack, int index) {
            outcomes.add(sequence + "@" + (ack.baseOffset() + index));
        }

        @Override
        public void failed(Failure failure) {
            outcomes.add(sequence + " " + failure.code());
        }
    }
}
