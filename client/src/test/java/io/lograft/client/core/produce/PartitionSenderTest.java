package io.lograft.client.core.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchHeader;
import io.lograft.record.Compression;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionSenderTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final ProducerIdentity FIRST = new ProducerIdentity(7, (short) 0);
    private static final ProducerIdentity SECOND = new ProducerIdentity(8, (short) 0);
    private static final long DELIVERY_MS = 1_000;

    private final PartitionAccumulator source = new PartitionAccumulator(4_096, Compression.NONE);
    private final PartitionSender sender =
            new PartitionSender(PARTITION, new SenderConfig(5, 5, DELIVERY_MS, 400, true, true), source);
    private final List<String> outcomes = new ArrayList<>();
    private long nowMs = 100_000;

    @Test
    void sendsAtOnceWhenNothingIsInFlightAndGathersWhileSomethingIs() {
        start();
        ProducerBatch first = sent(add("a")).get(0);
        assertThat(sent(add("b"))).isEmpty();
        assertThat(sent(add("c"))).isEmpty();

        List<ProducerBatch> next = sent(acknowledge(first, 0));

        assertThat(next).hasSize(1);
        assertThat(next.get(0).recordCount()).isEqualTo(2);
        assertThat(sequence(next.get(0))).isEqualTo(1);
    }

    @Test
    void anOpenBatchLingersOnlySoLong() {
        start();
        add("a");
        List<SenderEffect> effects = add("b");
        assertThat(effects).contains(new SenderEffect.WakeAt(nowMs + 5));

        nowMs += 5;

        assertThat(sent(on(SenderEvent.Wake.INSTANCE))).hasSize(1);
    }

    @Test
    void atMostFiveBatchesAreInFlight() {
        start();
        for (int i = 0; i < 10; i++) {
            source.close();
            add("record-" + i);
        }
        assertThat(sender.unacknowledged()).hasSize(5);
    }

    @Test
    void withoutLeaderOrIdentityNothingIsSent() {
        assertThat(sent(add("a"))).isEmpty();
        assertThat(on(new SenderEvent.LeaderIs(1, 0))).contains(new SenderEffect.AskIdentity(null));
        assertThat(sent(on(new SenderEvent.IdentityGranted(FIRST)))).hasSize(1);
    }

    @Test
    void aRefusalThatMayPassResendsAllInOrderWithTheSameSequences() {
        start();
        List<ProducerBatch> inFlight = fill(3);
        assertThat(sent(refuse(inFlight.get(0), ErrorCode.NOT_ENOUGH_REPLICAS))).isEmpty();
        nowMs += 1_000 / 2;

        List<ProducerBatch> again = sent(on(SenderEvent.Wake.INSTANCE));

        assertThat(again).containsExactlyElementsOf(inFlight);
        assertThat(again).extracting(PartitionSenderTest::sequence).containsExactly(0, 1, 2);
    }

    @Test
    void answersToOlderCopiesThatRefuseAreIgnored() {
        start();
        List<ProducerBatch> inFlight = fill(2);
        long oldCopy = inFlight.get(1).correlationId();
        refuse(inFlight.get(0), ErrorCode.NOT_ENOUGH_REPLICAS);
        nowMs += 50;
        on(SenderEvent.Wake.INSTANCE);

        List<SenderEffect> effects = on(new SenderEvent.Refused(
                inFlight.get(1), oldCopy, new Failure(ErrorCode.OUT_OF_ORDER_SEQUENCE, "a gap")));

        assertThat(effects).isEmpty();
        assertThat(sender.unacknowledged()).hasSize(2);
    }

    @Test
    void aNewLeaderGetsEverythingAtOnce() {
        start();
        List<ProducerBatch> inFlight = fill(3);

        List<SenderEffect> effects = on(new SenderEvent.LeaderIs(2, 1));

        assertThat(effects)
                .startsWith(
                        new SenderEffect.Send(inFlight.get(0), 2, 1),
                        new SenderEffect.Send(inFlight.get(1), 2, 1),
                        new SenderEffect.Send(inFlight.get(2), 2, 1));
        assertThat(on(new SenderEvent.LeaderIs(1, 0))).as("an older epoch").isEmpty();
    }

    @Test
    void aBatchRefusedForGoodFailsAloneAndTheRestTakesAnotherIdentity() {
        start();
        List<ProducerBatch> inFlight = fill(3);

        List<SenderEffect> effects = refuse(inFlight.get(0), ErrorCode.RECORD_TOO_LARGE);

        assertThat(outcomes).containsExactly("record-0 RECORD_TOO_LARGE");
        assertThat(effects).contains(new SenderEffect.AskIdentity(FIRST));
        List<ProducerBatch> again = sent(on(new SenderEvent.IdentityGranted(SECOND)));
        assertThat(again).containsExactly(inFlight.get(1), inFlight.get(2));
        assertThat(again).extracting(PartitionSenderTest::sequence).containsExactly(0, 1);
        assertThat(again).allMatch(batch -> batch.identity.equals(SECOND));
    }

    @Test
    void aBatchThatIsTooLargeIsSentAgainInHalvesWithTheSameSequences() {
        start();
        append("record-0");
        append("record-1");
        append("record-2");
        source.close();
        ProducerBatch whole = sent(on(SenderEvent.Wake.INSTANCE)).get(0);
        ProducerBatch behind = fill(1).get(0);

        List<ProducerBatch> halves = sent(refuse(whole, ErrorCode.RECORD_TOO_LARGE));

        assertThat(halves).hasSize(3).endsWith(behind);
        assertThat(halves).extracting(ProducerBatch::recordCount).containsExactly(1, 2, 1);
        assertThat(halves).extracting(PartitionSenderTest::sequence).containsExactly(0, 1, 3);
        assertThat(halves).allMatch(batch -> batch.identity.equals(FIRST));
        refuse(halves.get(0), ErrorCode.RECORD_TOO_LARGE);
        assertThat(outcomes).as("a record by itself").containsExactly("record-0 RECORD_TOO_LARGE");
        List<ProducerBatch> again = sent(on(new SenderEvent.IdentityGranted(SECOND)));
        assertThat(again).containsExactly(halves.get(1), behind);
        assertThat(again).extracting(PartitionSenderTest::sequence).containsExactly(0, 2);
        acknowledge(halves.get(1), 7);
        assertThat(outcomes).endsWith("record-1 at 7", "record-2 at 8");
    }

    @Test
    void aRefusalThatOvertakesAnAcknowledgementChangesNoIdentity() {
        start();
        List<ProducerBatch> inFlight = fill(3);

        assertThat(refuse(inFlight.get(1), ErrorCode.RECORD_TOO_LARGE))
                .as("the first one may be written and wait for replicas")
                .noneMatch(SenderEffect.AskIdentity.class::isInstance);
        nowMs += 100;
        assertThat(sent(on(SenderEvent.Wake.INSTANCE))).isEqualTo(inFlight);
        assertThat(inFlight).extracting(PartitionSenderTest::sequence).containsExactly(0, 1, 2);
        assertThat(outcomes).isEmpty();
        acknowledge(inFlight.get(0), 5);
        refuse(inFlight.get(1), ErrorCode.RECORD_TOO_LARGE);
        assertThat(outcomes).containsExactly("record-0 at 5", "record-1 RECORD_TOO_LARGE");
    }

    @Test
    void theLastBatchRefusedForGoodLeavesItsSequenceToTheNext() {
        start();
        ProducerBatch only = fill(1).get(0);
        refuse(only, ErrorCode.RECORD_TOO_LARGE);

        List<ProducerBatch> next = sent(add("next"));

        assertThat(next).hasSize(1);
        assertThat(sequence(next.get(0))).isZero();
        assertThat(next.get(0).identity).isEqualTo(FIRST);
    }

    @Test
    void whatMayHaveBeenWrittenIsNeverSentUnderAnotherIdentity() {
        start();
        List<ProducerBatch> inFlight = fill(3);
        on(new SenderEvent.StreamBroken(1, new Failure(ErrorCode.UNAVAILABLE, "broken")));
        nowMs += 100;
        on(SenderEvent.Wake.INSTANCE);

        refuse(inFlight.get(0), ErrorCode.RECORD_TOO_LARGE);

        assertThat(outcomes)
                .containsExactly("record-0 RECORD_TOO_LARGE", "record-1 RECORD_TOO_LARGE", "record-2 RECORD_TOO_LARGE");
    }

    @Test
    void aFreshSequenceErrorOfTheFirstBatchTakesAnotherIdentity() {
        start();
        ProducerBatch first = fill(1).get(0);

        List<SenderEffect> effects = refuse(first, ErrorCode.UNKNOWN_PRODUCER);

        assertThat(outcomes).isEmpty();
        assertThat(effects).contains(new SenderEffect.AskIdentity(FIRST));
        assertThat(sent(on(new SenderEvent.IdentityGranted(SECOND)))).containsExactly(first);
    }

    @Test
    void aDuplicateTooOldToBePlacedIsAcknowledgedWithoutOffset() {
        start();
        refuse(fill(1).get(0), ErrorCode.DUPLICATE_SEQUENCE);

        assertThat(outcomes).containsExactly("record-0 at -1");
    }

    @Test
    void afterTheDeliveryTimeoutTheBatchFailsWithTheLastReason() {
        start();
        ProducerBatch batch = fill(1).get(0);
        refuse(batch, ErrorCode.NOT_ENOUGH_REPLICAS);
        nowMs += DELIVERY_MS;

        on(SenderEvent.Wake.INSTANCE);

        assertThat(outcomes).containsExactly("record-0 NOT_ENOUGH_REPLICAS");
    }

    @Test
    void withoutLeaderRecordsFailAfterTheDeliveryTimeoutToo() {
        add("a");
        nowMs += DELIVERY_MS;
        on(SenderEvent.Wake.INSTANCE);

        assertThat(outcomes).containsExactly("a REQUEST_TIMED_OUT");
    }

    @Test
    void aLeaderThatDoesNotAnswerIsSuspected() {
        start();
        fill(1);
        nowMs += 400;

        assertThat(on(SenderEvent.Wake.INSTANCE)).contains(new SenderEffect.SuspectBroker(1));
    }

    @Test
    void withAcksNoneABatchIsDoneOnceSent() {
        PartitionSender unanswered =
                new PartitionSender(PARTITION, new SenderConfig(5, 5, DELIVERY_MS, 400, false, false), source);
        append("a");
        List<SenderEffect> effects = new ArrayList<>();
        unanswered.on(new SenderEvent.LeaderIs(1, 0), nowMs, effects);
        settle(effects);

        assertThat(sent(effects)).hasSize(1);
        assertThat(outcomes).containsExactly("a at -1");
    }

    @Test
    void withoutIdempotenceOneBatchIsInFlight() {
        PartitionSender plain =
                new PartitionSender(PARTITION, new SenderConfig(5, 5, DELIVERY_MS, 400, false, true), source);
        append("a");
        source.close();
        append("b");
        source.close();
        List<SenderEffect> effects = new ArrayList<>();
        plain.on(new SenderEvent.LeaderIs(1, 0), nowMs, effects);

        assertThat(sent(effects)).hasSize(1);
    }

    @Test
    void aTopicThatIsGoneFailsAllThatWaits() {
        start();
        fill(2);
        on(new SenderEvent.TopicGone(new Failure(ErrorCode.UNKNOWN_TOPIC, "deleted")));

        assertThat(outcomes).containsExactly("record-0 UNKNOWN_TOPIC", "record-1 UNKNOWN_TOPIC");
    }

    private void start() {
        on(new SenderEvent.LeaderIs(1, 0));
        on(new SenderEvent.IdentityGranted(FIRST));
    }

    /** Puts batches of one record each in flight. */
    private List<ProducerBatch> fill(int count) {
        for (int i = 0; i < count; i++) {
            append("record-" + i);
            source.close();
        }
        List<ProducerBatch> batches = sent(on(SenderEvent.Wake.INSTANCE));
        assertThat(batches).hasSize(count);
        return batches;
    }

    private void append(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        source.grant(source.missingBytes(bytes.length + 100));
        source.append(0, null, bytes, List.of(), new Recorded(value));
        source.opened(nowMs);
    }

    private List<SenderEffect> add(String value) {
        append(value);
        return on(SenderEvent.Wake.INSTANCE);
    }

    private List<SenderEffect> acknowledge(ProducerBatch batch, long offset) {
        return on(new SenderEvent.Acknowledged(batch, new BatchAck(PARTITION, offset, 0, -1, 1, 1, false)));
    }

    private List<SenderEffect> refuse(ProducerBatch batch, ErrorCode code) {
        return on(new SenderEvent.Refused(batch, batch.correlationId(), new Failure(code, "refused")));
    }

    private List<SenderEffect> on(SenderEvent event) {
        List<SenderEffect> effects = new ArrayList<>();
        sender.on(event, nowMs, effects);
        settle(effects);
        return effects;
    }

    private static void settle(List<SenderEffect> effects) {
        for (SenderEffect effect : effects) {
            if (effect instanceof SenderEffect.Acknowledge done) {
                done.batch().acknowledge(done.ack());
            } else if (effect instanceof SenderEffect.Fail failed) {
                failed.batch().fail(failed.failure());
            }
        }
    }

    private static List<ProducerBatch> sent(List<SenderEffect> effects) {
        return effects.stream()
                .filter(SenderEffect.Send.class::isInstance)
                .map(effect -> ((SenderEffect.Send) effect).batch())
                .toList();
    }

    private static int sequence(ProducerBatch batch) {
        return BatchHeader.read(ByteBuffer.wrap(batch.bytes()), 0).baseSequence();
    }

    private final class Recorded implements RecordOutcome {
        private final String value;

        private Recorded(String value) {
            this.value = value;
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            outcomes.add(value + " at " + (ack.baseOffset() < 0 ? -1 : ack.baseOffset() + index));
        }

        @Override
        public void failed(Failure failure) {
            outcomes.add(value + " " + failure.code());
        }
    }
}
