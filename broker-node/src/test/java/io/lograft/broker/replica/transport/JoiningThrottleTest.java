package io.lograft.broker.replica.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.transport.JoiningThrottle.Joiner;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import org.junit.jupiter.api.Test;

final class JoiningThrottleTest {
    private static final Joiner FIRST = joiner(1);
    private static final Joiner SECOND = joiner(2);

    private final JoiningThrottle throttle = new JoiningThrottle();

    private static Joiner joiner(int follower) {
        return new Joiner(new PartitionId(new TopicId(1, 1), 0), new BrokerId(follower));
    }

    @Test
    void whatWasSentIsPaidForBeforeMoreIsSent() {
        assertThat(throttle.waitMs(FIRST, 1_000, 5)).isZero();
        throttle.sent(FIRST, 1_000, 500);
        assertThat(throttle.waitMs(FIRST, 1_000, 5)).isEqualTo(500);
        assertThat(throttle.waitMs(FIRST, 1_000, 305)).isEqualTo(200);
        assertThat(throttle.waitMs(FIRST, 1_000, 505)).isZero();
        throttle.sent(FIRST, 1_000, 0);
        assertThat(throttle.waitMs(FIRST, 1_000, 505)).isZero();
    }

    @Test
    void timeWithoutSendingIsNotSaved() {
        assertThat(throttle.waitMs(FIRST, 1_000, 0)).isZero();
        assertThat(throttle.waitMs(FIRST, 1_000, 60_000)).isZero();
        throttle.sent(FIRST, 1_000, 100);
        assertThat(throttle.waitMs(FIRST, 1_000, 60_000)).isEqualTo(100);
    }

    @Test
    void anotherRateCountsAtTheLatestAfterTheLongestWait() {
        throttle.waitMs(FIRST, 1, 0);
        throttle.sent(FIRST, 1, 1_000_000);
        assertThat(throttle.waitMs(FIRST, 1, 0)).isEqualTo(JoiningThrottle.WAIT_MS_MAX);
        assertThat(throttle.waitMs(FIRST, 1, 1_000)).isEqualTo(JoiningThrottle.WAIT_MS_MAX);
        assertThat(throttle.waitMs(FIRST, 10_000_000, 1_000)).isZero();
    }

    @Test
    void aSecondsWorthGoesOutInSeveralMessages() {
        assertThat(JoiningThrottle.messageBytesMax(1 << 20, 1 << 20)).isEqualTo((1 << 20) / 10);
        assertThat(JoiningThrottle.messageBytesMax(1 << 20, 1)).isEqualTo(16 << 10);
        assertThat(JoiningThrottle.messageBytesMax(100, 1)).isEqualTo(100);
        assertThat(JoiningThrottle.messageBytesMax(1 << 20, Long.MAX_VALUE)).isEqualTo(1 << 20);
    }

    @Test
    void aClockThatStandsStillLetsNothingThrough() {
        throttle.waitMs(FIRST, 1_000, 100);
        throttle.sent(FIRST, 1_000, 1_000);
        assertThat(throttle.waitMs(FIRST, 1_000, 100)).isEqualTo(1_000);
        assertThat(throttle.waitMs(FIRST, 1_000, 50)).isEqualTo(1_000);
        assertThat(throttle.waitMs(FIRST, 1_000, 1_100)).isZero();
    }

    @Test
    void whoIsGoneIsNotWaitedFor() {
        throttle.waitMs(FIRST, 1_000, 0);
        assertThat(throttle.waitMs(SECOND, 1_000, 0)).isPositive();
        assertThat(throttle.waitMs(SECOND, 1_000, 1_000)).isPositive();
        assertThat(throttle.waitMs(SECOND, 1_000, 2_001)).isZero();
    }

    /** Each has more than it is sent, and looks again when it was told to. */
    @Test
    void allOfOneRateShareItAndNoRateTakesFromAnother() {
        long[] rates = {1_000_000, 1_000_000, 1_000_000, 100_000};
        long[] dueMs = new long[rates.length];
        long[] sentBytes = new long[rates.length];
        for (long nowMs = 0; nowMs < 60_000; nowMs++) {
            for (int i = 0; i < rates.length; i++) {
                long waitMs = dueMs[i] > nowMs ? -1 : throttle.waitMs(joiner(i), rates[i], nowMs);
                if (waitMs == 0) {
                    int bytes = JoiningThrottle.messageBytesMax(1 << 20, rates[i]);
                    throttle.sent(joiner(i), rates[i], bytes);
                    sentBytes[i] += bytes;
                } else if (waitMs > 0) {
                    dueMs[i] = nowMs + waitMs;
                }
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(sentBytes[i] / 60).as("bytes per second of %d", i).isBetween(300_000L, 340_000L);
        }
        assertThat(sentBytes[3] / 60).isBetween(90_000L, 101_000L);
        assertThat((sentBytes[0] + sentBytes[1] + sentBytes[2]) / 60).isLessThanOrEqualTo(1_002_000);
    }
}
