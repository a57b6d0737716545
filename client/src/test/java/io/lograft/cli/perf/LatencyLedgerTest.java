package io.lograft.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatencyLedgerTest {
    private static final long MS = 1_000_000;
    private static final long START = 5_000 * MS;
    private static final int RUN = 77;
    private static final int WARM_UP = 2;
    private static final int UNSETTLED_MAX = 8;
    /** One record in 10 ms; what has not arrived 100 ms after its acknowledgement is missing. */
    private final LatencyLedger ledger =
            new LatencyLedger(new LatencyLedger.Schedule(RUN, START, 100, WARM_UP, 100 * MS), UNSETTLED_MAX);

    @Test
    void dueTimesAreFixedBeforehandAndLatencyCountsFromThere() {
        send(3);
        // Nobody said when they were sent: it does not matter.
        acknowledge(2, 27);
        read(2, 31);

        assertThat(ledger.dueNs(2)).isEqualTo(START + 20 * MS);
        assertThat(us(ledger.outcome().acknowledgementUs())).isEqualTo(7_000);
        assertThat(us(ledger.outcome().endToEndUs())).isEqualTo(11_000);
    }

    @Test
    void aRecordMayBeReadBeforeItIsAcknowledged() {
        send(3);
        read(2, 23);
        acknowledge(2, 29);

        assertThat(us(ledger.outcome().acknowledgementUs())).isEqualTo(9_000);
        assertThat(us(ledger.outcome().endToEndUs())).isEqualTo(3_000);
    }

    @Test
    void recordsOfTheWarmUpAreCountedApart() {
        send(4);
        for (int i = 0; i < 4; i++) {
            acknowledge(i, i < WARM_UP ? 900 : 10 * i + 1);
            read(i, i < WARM_UP ? 900 : 10 * i + 2);
        }

        LatencyLedger.Outcome outcome = ledger.outcome();
        assertThat(outcome.sent()).isEqualTo(2);
        assertThat(outcome.acknowledged()).isEqualTo(2);
        assertThat(outcome.arrivals()).isEqualTo(new LatencyLedger.Arrivals(2, 0, 0, 0));
        assertThat(us(outcome.acknowledgementUs())).isEqualTo(1_000);
        assertThat(us(outcome.endToEndUs())).isEqualTo(2_000);
        assertThat(ledger.warmUpOutcome().sent()).isEqualTo(WARM_UP);
        assertThat(us(ledger.warmUpOutcome().endToEndUs())).isBetween(889_000L, 901_000L);
        assertThat(ledger.acknowledgedCount()).isEqualTo(4);
    }

    @Test
    void whatIsLostInTheWarmUpIsCountedThere() {
        send(3);
        acknowledge(0, 1);
        ledger.failed(1, failure("first"));
        acknowledge(2, 21);
        read(2, 22);

        assertThat(settledAt(102)).isTrue();
        assertThat(ledger.warmUpOutcome().arrivals().missing()).isOne();
        assertThat(ledger.warmUpOutcome().failed()).isOne();
        assertThat(ledger.outcome().arrivals().missing()).isZero();
        assertThat(ledger.outcome().failed()).isZero();
        assertThat(ledger.outcome().firstFailure()).isNull();
    }

    @Test
    void whatIsNotOfThisRunDoesNotCount() {
        send(3);
        ledger.read(value(RUN + 1, 2), at(21));
        ledger.read(null, at(22));
        ledger.read(ByteBuffer.wrap("short".getBytes(StandardCharsets.UTF_8)), at(23));
        ledger.read(value(RUN, 3), at(24));
        ledger.read(value(RUN, -1), at(24));
        ByteBuffer damaged = value(RUN, 2);
        damaged.put(15, (byte) (damaged.get(15) + 1));
        ledger.read(damaged, at(25));

        assertThat(ledger.foreign()).isEqualTo(6);
        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(0, 0, 0, 0));
    }

    @Test
    void aRecordThatIsReadAgainCountsOnce() {
        send(3);
        read(2, 21);
        acknowledge(2, 22);
        read(2, 80);
        read(2, 900);

        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(1, 0, 0, 2));
        assertThat(us(ledger.outcome().endToEndUs())).isEqualTo(1_000);
    }

    @Test
    void aRecordThatFailedIsNotMissingAndMayBeReadNevertheless() {
        send(4);
        settle(0, WARM_UP);
        ledger.failed(2, failure("first"));
        ledger.failed(3, failure("second"));

        assertThat(settledAt(30)).isTrue();
        read(3, 500);
        LatencyLedger.Outcome outcome = ledger.outcome();
        assertThat(outcome.failed()).isEqualTo(2);
        assertThat(outcome.firstFailure().reason()).isEqualTo("first");
        assertThat(outcome.acknowledged()).isZero();
        assertThat(outcome.arrivals()).isEqualTo(new LatencyLedger.Arrivals(1, 0, 0, 0));
    }

    @Test
    void anAcknowledgedRecordThatDoesNotArriveInTimeIsMissing() {
        send(4);
        settle(0, WARM_UP);
        acknowledge(2, 50);
        acknowledge(3, 60);

        read(3, 160);
        assertThat(settledAt(150)).as("100 ms after the acknowledgement").isFalse();
        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(1, 0, 0, 0));
        assertThat(settledAt(151)).isTrue();
        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(1, 1, 0, 0));
    }

    @Test
    void whatArrivesTooLateStaysMissing() {
        send(4);
        settle(0, WARM_UP);
        acknowledge(3, 40);
        // Record 2 is not acknowledged yet, so nobody has looked at record 3 since.
        read(3, 141);
        read(3, 142);

        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(0, 1, 1, 1));
        assertThat(settledAt(150)).isFalse();
        acknowledge(2, 150);
        read(2, 151);
        assertThat(settledAt(151)).isTrue();
        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(1, 1, 1, 1));
    }

    @Test
    void noMoreRecordsAreUnsettledThanMayBe() {
        send(UNSETTLED_MAX);
        assertThat(ledger.hasRoom(at(80))).isFalse();
        assertThatThrownBy(ledger::send).isInstanceOf(IllegalStateException.class);
        settle(1, UNSETTLED_MAX);
        assertThat(ledger.hasRoom(at(80))).as("while the oldest is unsettled").isFalse();
        settle(0, 1);
        assertThat(ledger.hasRoom(at(80))).isTrue();

        send(UNSETTLED_MAX);
        assertThat(ledger.hasRoom(at(160))).isFalse();
    }

    @Test
    void aPlaceThatIsUsedAgainForgetsItsOldRecord() {
        send(3);
        settle(0, 3);
        assertThat(ledger.hasRoom(at(30))).isTrue();
        for (int sequence = 3; sequence < 3 + UNSETTLED_MAX; sequence++) {
            assertThat(ledger.send()).isEqualTo(sequence);
        }
        read(2, 95);
        acknowledge(10, 101);
        read(10, 102);

        assertThat(ledger.outcome().arrivals()).isEqualTo(new LatencyLedger.Arrivals(2, 0, 0, 1));
        assertThat(ledger.outcome().endToEndUs().getMaxValue()).isLessThan(3_000);
    }

    @Test
    void theRateCountsFromTheFirstDueTimeAfterTheWarmUp() {
        send(4);
        assertThat(ledger.seconds()).isZero();
        acknowledge(3, 520);
        acknowledge(0, 900);

        assertThat(ledger.seconds()).isEqualTo(0.5);
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            ledger.send();
        }
    }

    private void settle(int from, int to) {
        for (int i = from; i < to; i++) {
            acknowledge(i, 10L * i);
            read(i, 10L * i);
        }
    }

    private void acknowledge(int sequence, long ms) {
        ledger.acknowledged(sequence, at(ms));
    }

    private void read(int sequence, long ms) {
        ledger.read(value(RUN, sequence), at(ms));
    }

    private boolean settledAt(long ms) {
        return ledger.isSettled(at(ms));
    }

    private static long at(long ms) {
        return START + ms * MS;
    }

    private static ByteBuffer value(int runId, long sequence) {
        byte[] value = new byte[PerfPayload.SIZE_BYTES_MIN];
        new PerfPayload().write(runId, sequence, value);
        return ByteBuffer.wrap(value);
    }

    private static LograftException failure(String reason) {
        return new LograftException(ErrorCode.REQUEST_TIMED_OUT, reason);
    }

    /** The one latency of a histogram that is small enough to be exact; the least of several. */
    private static long us(Histogram latencies) {
        return latencies.getMinValue();
    }
}
