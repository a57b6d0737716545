package io.lograft.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.EpochHistory.Agreement;
import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;

/** Where two logs agree. Histories are written as epoch@start, joined by spaces. */
class EpochHistoryTest {
    private static final Pattern ENTRY = Pattern.compile("(\\d+)@(\\d+)");

    @ParameterizedTest
    @CsvSource({
        // leader's history, start, end; follower's history, start, end; offset, start over
        "'1@0',      0, 10, '1@0',      0, 10, 10, false",
        "'1@0',      0, 10, '1@0',      0,  7,  7, false",
        "'1@0',      0, 10, '1@0',      0, 12, 10, false",
        "'1@0 3@8',  0, 10, '1@0 2@5',  0,  9,  5, false",
        "'1@0 3@4',  0, 10, '1@0 2@5',  0,  9,  4, false",
        "'1@0 3@8',  0, 10, '1@0 3@8',  0,  9,  9, false",
        "'2@0',      0, 10, '1@0',      0,  9,  0, true",
        "'2@5',      5, 10, '1@0',      0,  5,  5, true",
        "'1@6',      6, 10, '1@0',      0,  4,  6, true",
        "'1@6',      6, 10, '1@0',      0,  6,  6, false",
        "'1@0',      0, 10, '',         0,  0,  0, false",
        "'1@0',      0, 10, '',         5,  5,  5, false",
        "'1@0',      0, 10, '',        12, 12,  0, true",
        "'1@3',      3, 10, '',         0,  0,  3, true",
        "'',         0,  0, '1@0',      0,  9,  0, true",
        "'1@0 3@4',  0, 10, '2@4',      4,  9,  4, false",
        "'1@0 3@4',  0, 10, '2@3',      3,  9,  3, false",
        // What the follower has deleted cannot have been what the leader has there: an unclean leader dropped it.
        "'1@0 3@4',  0, 10, '2@5',      5,  9,  0, true",
        "'1@0 3@4',  0, 10, '1@6 2@8',  6,  9,  0, true",
        "'1@0 3@4',  2, 10, '1@6',      6,  9,  2, true",
        "'1@0',      0, 10, '3@10',    10, 14, 10, false",
        "'1@0',      0, 10, '3@11',    11, 14,  0, true",
    })
    void agreement(ArgumentsAccessor row) {
        EpochHistory leader = new EpochHistory(epochs(row.getString(0)), row.getLong(1), row.getLong(2));
        EpochHistory follower = new EpochHistory(epochs(row.getString(3)), row.getLong(4), row.getLong(5));
        assertThat(leader.agreementWith(follower, false)).isEqualTo(new Agreement(row.getLong(6), row.getBoolean(7)));
    }

    @Test
    void aFollowerWithoutRecordsStartsOverWhereItMayHaveDeletedOthers() {
        EpochHistory leader = new EpochHistory(epochs("1@2 3@4"), 2, 10);
        assertThat(leader.agreementWith(new EpochHistory(List.of(), 5, 5), true))
                .isEqualTo(new Agreement(2, true));
        assertThat(leader.agreementWith(new EpochHistory(List.of(), 2, 2), true))
                .isEqualTo(new Agreement(2, false));
        assertThat(leader.agreementWith(new EpochHistory(List.of(), 5, 5), false))
                .isEqualTo(new Agreement(5, false));
    }

    private static List<EpochStart> epochs(String text) {
        return ENTRY.matcher(text)
                .results()
                .map(entry -> new EpochStart(Integer.parseInt(entry.group(1)), Long.parseLong(entry.group(2))))
                .toList();
    }

    /** Two logs that were one up to a point, then grew under different epochs: the agreement is that point. */
    @Test
    void forkedLogsAgreeUpToTheFork() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            SimLog leader = new SimLog(FlushMode.COMMIT);
            SimLog follower = new SimLog(FlushMode.COMMIT);
            int epoch = 1;
            for (int i = random.nextInt(6); i > 0; i--) {
                epoch += random.nextInt(2);
                SimBatch batch = SimBatch.fromClient(-1, -1, -1, 1 + random.nextInt(3), "s");
                leader.append(batch, epoch);
                follower.append(batch, epoch);
            }
            long fork = leader.logEndOffset();
            int followerEpochs = random.nextInt(3);
            for (int i = 0; i < followerEpochs; i++) {
                follower.append(SimBatch.fromClient(-1, -1, -1, 2, "f"), epoch + 1 + i);
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                leader.append(SimBatch.fromClient(-1, -1, -1, 2, "l"), epoch + 1 + followerEpochs);
            }
            Agreement agreement = EpochHistory.of(leader).agreementWith(EpochHistory.of(follower), false);
            boolean nothingShared = fork == 0 && followerEpochs > 0;
            assertThat(agreement).isEqualTo(new Agreement(fork, nothingShared));
        }
    }
}
