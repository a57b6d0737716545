package io.lograft.cli.failover;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowTest {
    private static final long MS = 1_000_000;
    private static final long START = 5_000 * MS;

    private final Window window = new Window(2, START);

    @Test
    void thePartitionThatIsSilentForLongestDecides() {
        hear(0, 10);
        hear(1, 10);
        hear(0, 20);
        hear(1, 300);
        hear(0, 310);
        window.close(START + 320 * MS);

        Window.Figures figures = window.figures();

        assertThat(figures.longestGapMs()).isEqualTo(290);
        assertThat(figures.stalls()).containsExactly(new Window.Stall(1, 10, 290), new Window.Stall(0, 20, 290));
    }

    @Test
    void silenceCountsFromTheStartOfTheWindowAndUpToItsEnd() {
        hear(0, 150);
        window.close(START + 400 * MS);
        hear(1, 500);

        assertThat(window.figures().longestGapMs()).isEqualTo(400);
        assertThat(window.figures().stalls())
                .containsExactly(
                        new Window.Stall(0, 0, 150), new Window.Stall(0, 150, 250), new Window.Stall(1, 0, 400));
    }

    @Test
    void itIsWritableOnceEveryPartitionHasTakenARecordThatWasDueLater() {
        long struck = START + 100 * MS;
        window.heard(0, struck + MS, struck + 2 * MS);
        window.heard(1, struck - MS, struck + 3 * MS);
        assertThat(window.isWritableSince(struck)).as("an old record").isFalse();
        window.heard(1, struck, struck + 4 * MS);
        assertThat(window.isWritableSince(struck)).isTrue();
    }

    @Test
    void itIsDecidedOnceEveryRecordHasItsOutcome() {
        window.sent();
        window.sent();
        window.sent();
        window.acknowledged(START, START + 7 * MS);
        window.failed("first");
        assertThat(window.isDecided()).isFalse();
        assertThat(window.figures().undecided()).isOne();
        window.failed("second");
        assertThat(window.isDecided()).isTrue();

        Window.Figures figures = window.figures();

        assertThat(figures.records()).isEqualTo(3);
        assertThat(figures.failed()).isEqualTo(2);
        assertThat(figures.firstFailure()).isEqualTo("first");
        assertThat(figures.maxMs()).isBetween(7.0, 7.01);
    }

    private void hear(int partition, long atMs) {
        window.heard(partition, START + atMs * MS, START + atMs * MS);
    }
}
