package io.lograft.broker.replica.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JoiningThrottleTest {
    private final JoiningThrottle throttle = new JoiningThrottle();

    @Test
    void whatWasSentIsPaidForBeforeMoreIsSent() {
        assertThat(throttle.waitMs(1_000, 5)).isZero();
        throttle.sent(500);
        assertThat(throttle.waitMs(1_000, 5)).isEqualTo(500);
        assertThat(throttle.waitMs(1_000, 305)).isEqualTo(200);
        throttle.sent(100);
        assertThat(throttle.waitMs(1_000, 305)).isEqualTo(300);
        assertThat(throttle.waitMs(1_000, 605)).isZero();
    }

    @Test
    void timeWithoutSendingIsNotSaved() {
        assertThat(throttle.waitMs(1_000, 0)).isZero();
        assertThat(throttle.waitMs(1_000, 60_000)).isZero();
        throttle.sent(100);
        assertThat(throttle.waitMs(1_000, 60_000)).isEqualTo(100);
    }

    @Test
    void anotherRateCountsAtTheLatestAfterTheLongestWait() {
        throttle.waitMs(1, 0);
        throttle.sent(1_000_000);
        assertThat(throttle.waitMs(1, 0)).isEqualTo(JoiningThrottle.WAIT_MS_MAX);
        assertThat(throttle.waitMs(1, 1_000)).isEqualTo(JoiningThrottle.WAIT_MS_MAX);
        assertThat(throttle.waitMs(10_000_000, 1_000)).isEqualTo(100);
        assertThat(throttle.waitMs(Long.MAX_VALUE, 1_001)).isZero();
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
        throttle.waitMs(1_000, 100);
        throttle.sent(1_000);
        assertThat(throttle.waitMs(1_000, 100)).isEqualTo(1_000);
        assertThat(throttle.waitMs(1_000, 50)).isEqualTo(1_000);
        assertThat(throttle.waitMs(1_000, 1_100)).isZero();
    }
}
