package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.controller.VoterWatch.Effect;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.QuorumStatus.VoterStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class VoterWatchTest {
    private static final long STALL_MS = 10_000;
    private static final BrokerId THREE = new BrokerId(3);

    private final VoterWatch watch = new VoterWatch(STALL_MS);
    private final List<String> seen = new ArrayList<>();
    private long term = 1;
    private long committed = 100;
    private long index = 100;
    private long silentMs = 5;

    private static VoterStatus status(int id, String directory, long index, long silentMs) {
        return new VoterStatus(new Voter(VoterAddress.parse(id + "@h:7401"), directory), index, index, silentMs);
    }

    /** Voter 2 leads and voter 3 is the one that is looked at. */
    private void look(long nowMs, boolean isLeader) {
        QuorumStatus status = new QuorumStatus(
                Optional.of(new BrokerId(2)),
                term,
                committed,
                committed,
                -1,
                List.of(
                        status(2, "222222222222", committed, isLeader ? 0 : -1),
                        status(3, "333333333333", index, isLeader ? silentMs : -1)));
        for (Effect effect : watch.observe(status, isLeader, nowMs)) {
            seen.add(nowMs + " " + effect.getClass().getSimpleName());
        }
    }

    private void looks(long fromMs, long toMs, boolean isLeader) {
        for (long nowMs = fromMs; nowMs <= toMs; nowMs += 1_000) {
            look(nowMs, isLeader);
        }
    }

    @Test
    void anIdleQuorumWithAnEmptyCommandNowAndThenIsFine() {
        for (long nowMs = 0; nowMs < 200_000; nowMs += 1_000) {
            if (nowMs % 10_000 == 0) {
                committed++;
                look(nowMs, true);
                // The voter has it by the next look.
                index = committed;
            } else {
                look(nowMs, true);
            }
        }
        assertThat(seen).isEmpty();
        assertThat(watch.stalled()).isEmpty();
    }

    @Test
    void aVoterThatIsAlwaysBehindButMovesIsFine() {
        for (long nowMs = 0; nowMs < 100_000; nowMs += 1_000) {
            committed += 10;
            index += 9;
            look(nowMs, true);
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void aStallIsToldOnceThenLeadershipMovesOnceThenAReplacementIsAskedFor() {
        look(0, true);
        committed = 101;
        looks(1_000, 60_000, true);
        assertThat(seen).containsExactly("10000 Alarm", "10000 HandOver", "20000 ReplacementNeeded");
        assertThat(watch.stalled()).containsExactly(THREE);
    }

    @Test
    void theNextLeaderHasItsTimeAndDoesNotHandOverAgain() {
        look(0, false);
        committed = 101;
        looks(1_000, 12_000, false);
        term = 2;
        looks(13_000, 40_000, true);
        // It counts from the new term, and has seen the stall under the old one.
        assertThat(seen).containsExactly("23000 ReplacementNeeded");
    }

    @Test
    void aVoterThatMovesAgainIsFineAndMayStallAnotherTime() {
        look(0, true);
        committed = 101;
        looks(1_000, 12_000, true);
        index = 101;
        look(13_000, true);
        assertThat(watch.stalled()).isEmpty();
        committed = 102;
        looks(14_000, 24_000, true);
        assertThat(seen)
                .containsExactly("10000 Alarm", "10000 HandOver", "13000 Recovered", "23000 Alarm", "23000 HandOver");
    }

    @Test
    void aSilentVoterIsAnotherMatter() {
        look(0, true);
        committed = 101;
        silentMs = 30_000;
        looks(1_000, 60_000, true);
        assertThat(seen).isEmpty();
        // Once it is back it gets the time anew.
        silentMs = 5;
        looks(61_000, 69_000, true);
        assertThat(seen).isEmpty();
        look(70_000, true);
        assertThat(seen).containsExactly("70000 Alarm", "70000 HandOver");
    }

    @Test
    void aReplacedVoterStartsWithACleanSheet() {
        look(0, true);
        committed = 101;
        looks(1_000, 12_000, true);
        QuorumStatus replaced = new QuorumStatus(
                Optional.of(new BrokerId(2)),
                term,
                committed,
                committed,
                -1,
                List.of(status(2, "222222222222", committed, 0), status(3, "444444444444", -1, 5)));
        assertThat(watch.observe(replaced, true, 13_000)).isEmpty();
        assertThat(watch.stalled()).isEmpty();
    }
}
