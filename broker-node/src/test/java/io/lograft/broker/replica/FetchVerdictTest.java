package io.lograft.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.FetchVerdict.Committed;
import io.lograft.broker.replica.FetchVerdict.Refused;
import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fetch may get. The log: offsets 2 to 4 of epoch 1, 5 to 9 of epoch 3; leader epoch 4 begins at 10. */
class FetchVerdictTest {

    private static ReplicaFixture leader(long highWatermark) {
        return leader(highWatermark, -1);
    }

    private static ReplicaFixture leader(long highWatermark, int lastUncleanEpoch) {
        SimLog log = new SimLog(FlushMode.COMMIT);
        log.startOver(2);
        log.append(SimBatch.fromClient(-1, -1, -1, 3, "a"), 1);
        log.append(SimBatch.fromClient(-1, -1, -1, 5, "b"), 3);
        log.flushedTo(10);
        ReplicaFixture f = new ReplicaFixture(log, highWatermark);
        f.metadata(withUncleanEpoch(f.configuration(1, 4, 4, 1, 2, 3), lastUncleanEpoch));
        return f;
    }

    private static PartitionConfiguration withUncleanEpoch(PartitionConfiguration of, int lastUncleanEpoch) {
        return new PartitionConfiguration(
                of.self(),
                of.selfBrokerEpoch(),
                of.leader(),
                of.leaderEpoch(),
                of.partitionEpoch(),
                of.replicas(),
                of.minimum(),
                of.flushMode(),
                lastUncleanEpoch);
    }

    @ParameterizedTest(name = "high watermark {0}, offset {1}, epoch {2}, last read {3}: {4}")
    @CsvSource({
        "10,  2, -1, -1, NONE",
        "10, 10, -1, -1, NONE",
        "10, 10,  4,  3, NONE",
        "10,  5,  4,  1, NONE",
        "10,  2,  4,  0, NONE",
        "10,  1, -1, -1, OFFSET_OUT_OF_RANGE",
        "10, 11, -1, -1, OFFSET_OUT_OF_RANGE",
        "10,  5,  3, -1, FENCED_LEADER_EPOCH",
        "10,  5,  5, -1, UNKNOWN_LEADER_EPOCH",
        "10,  5,  4,  5, UNKNOWN_LEADER_EPOCH",
        "10,  7,  4,  2, UNKNOWN_LEADER_EPOCH",
        "10, 11,  4,  3, UNKNOWN_LEADER_EPOCH",
        " 6,  6, -1, -1, NONE",
        " 6,  7, -1, -1, OFFSET_NOT_AVAILABLE",
        " 6, 99, -1, -1, OFFSET_NOT_AVAILABLE",
    })
    void fetch(long highWatermark, long offset, int epoch, int lastReadEpoch, ErrorCode expected) {
        FetchVerdict verdict = leader(highWatermark).replica.judgeFetch(offset, epoch, lastReadEpoch);
        if (expected == ErrorCode.NONE) {
            assertThat(verdict).isEqualTo(new Committed(highWatermark, 2, 4));
        } else {
            assertThat(verdict).isInstanceOf(Refused.class);
            assertThat(((Refused) verdict).code()).isEqualTo(expected);
        }
    }

    @Test
    void aReaderOfWhatAnUncleanLeaderDroppedIsToldWhereTheLogsDiverge() {
        Refused refused = (Refused) leader(10, 3).replica.judgeFetch(7, 4, 2);
        assertThat(refused.code()).isEqualTo(ErrorCode.LOG_TRUNCATED);
        assertThat(refused.divergedAt()).isEqualTo(5);
    }

    @Test
    void aReaderOfALaterLeaderIsNotToldThatItsRecordsAreGone() {
        // This leader is deposed and has not heard; the reader names no leader epoch.
        Refused refused = (Refused) leader(10, 2).replica.judgeFetch(7, -1, 2);
        assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void theEndIsKnownOnceThisEpochsFirstOffsetIsReached() {
        assertThat(((Refused) leader(9).replica.judgeEnd(-1)).code()).isEqualTo(ErrorCode.OFFSET_NOT_AVAILABLE);
        assertThat(leader(10).replica.judgeEnd(4)).isEqualTo(new Committed(10, 2, 4));
    }

    @Test
    void anIdleReplicaAndAFollowerSayWhoLeads() {
        assertThat(((Refused) new ReplicaFixture().replica.judgeFetch(0, -1, -1)).code())
                .isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE);
        Refused follower = (Refused) new ReplicaFixture().following().replica.judgeFetch(0, -1, -1);
        assertThat(follower.code()).isEqualTo(ErrorCode.NOT_LEADER);
        assertThat(follower.leader()).contains(ReplicaFixture.broker(2));
    }
}
