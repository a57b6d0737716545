package io.lograft.broker.log.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class EpochHistoryTest {
    private final EpochHistory history =
            EpochHistory.EMPTY.appended(2, 0).appended(2, 5).appended(4, 10).appended(7, 30);

    @Test
    void keepsTheFirstOffsetOfEachEpoch() {
        assertThat(history.lines()).containsExactly("2 0", "4 10", "7 30");
        assertThat(history.lastEpoch()).isEqualTo(7);
        assertThat(EpochHistory.EMPTY.lastEpoch()).isEqualTo(-1);
        assertThatThrownBy(() -> history.appended(6, 40)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEpochEndsWhereTheNextBegins() {}

    @Test
    void truncationDropsEpochsWithoutRecords() {
        assertThat(history.truncatedTo(31)).isEqualTo(history);
        assertThat(history.truncatedTo(30).lines()).containsExactly("2 0", "4 10");
        assertThat(history.truncatedTo(0)).isEqualTo(EpochHistory.EMPTY);
    }

    @Test
    void aRaisedStartDropsEpochsWithoutRecords() {
        assertThat(history.startingAt(0, 50)).isEqualTo(history);
        assertThat(history.startingAt(9, 50).lines()).containsExactly("2 9", "4 10", "7 30");
        assertThat(history.startingAt(10, 50).lines()).containsExactly("4 10", "7 30");
        assertThat(history.startingAt(31, 50).lines()).containsExactly("7 31");
        assertThat(history.startingAt(50, 50)).isEqualTo(EpochHistory.EMPTY);
    }

    @Test
    void readsWhatItWroteAndNothingElse() {
        assertThat(EpochHistory.parse(history.lines())).contains(history);
        assertThat(EpochHistory.parse(List.of("1"))).isEmpty();
        assertThat(EpochHistory.parse(List.of("1 2 3"))).isEmpty();
        assertThat(EpochHistory.parse(List.of("a 2"))).isEmpty();
        assertThat(EpochHistory.parse(List.of("3 5", "2 9"))).isEmpty();
        assertThat(EpochHistory.parse(List.of("3 5", "4 5"))).isEmpty();
    }
}
