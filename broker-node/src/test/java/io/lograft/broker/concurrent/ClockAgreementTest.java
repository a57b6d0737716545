package io.lograft.broker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockAgreementTest {
    private static final long WALL_MS = 1_800_000_000_000L;

    private long nowMs = 5_000;
    private long wallMs = WALL_MS;
    private final ClockAgreement agreement = new ClockAgreement(new Clock() {
        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public long wallMs() {
            return wallMs;
        }
    });

    private void pass(long ms) {
        nowMs += ms;
        wallMs += ms;
    }

    @Test
    void nobodyKnowsBeforeTheFirstAnswer() {
        assertThat(agreement.isSound()).isFalse();
        agreement.heard(0);
        assertThat(agreement.isSound()).isFalse();
    }

    @Test
    void clocksMayDifferByAMinuteEitherWay() {
        agreement.heard(WALL_MS - ClockAgreement.DIFFERENCE_MS_MAX);
        assertThat(agreement.isSound()).isTrue();
        agreement.heard(WALL_MS - ClockAgreement.DIFFERENCE_MS_MAX - 1);
        assertThat(agreement.isSound()).isFalse();
        agreement.heard(WALL_MS + ClockAgreement.DIFFERENCE_MS_MAX);
        assertThat(agreement.isSound()).isTrue();
        agreement.heard(WALL_MS + ClockAgreement.DIFFERENCE_MS_MAX + 1);
        assertThat(agreement.isSound()).isFalse();
    }

    @Test
    void whatWasHeardAMinuteAgoIsNoNews() {
        agreement.heard(WALL_MS);
        pass(ClockAgreement.SILENCE_MS_MAX);
        assertThat(agreement.isSound()).isTrue();
        pass(1);
        assertThat(agreement.isSound()).isFalse();
        agreement.heard(wallMs);
        assertThat(agreement.isSound()).isTrue();
    }

    @Test
    void aJumpCountsAtOnce() {
        agreement.heard(WALL_MS);
        pass(100);
        wallMs += ClockAgreement.DIFFERENCE_MS_MAX + 1;
        assertThat(agreement.isSound()).isFalse();
        wallMs -= 2 * (ClockAgreement.DIFFERENCE_MS_MAX + 1);
        assertThat(agreement.isSound()).isFalse();
    }
}
