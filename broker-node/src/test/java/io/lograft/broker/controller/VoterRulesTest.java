package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.QuorumStatus.VoterStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class VoterRulesTest {
    private static final long ANSWERS = 10;
    private static final long SILENT = 60_000;

    private static VoterStatus voter(int id, long matchIndex, long silentMs) {
        Voter voter = new Voter(VoterAddress.parse(id + "@host" + id + ":7401"), "0123456789ab");
        return new VoterStatus(voter, matchIndex, matchIndex, silentMs);
    }

    /** Broker 1 leads, at commit index 1000. */
    private static QuorumStatus quorum(VoterStatus... voters) {
        return new QuorumStatus(Optional.of(new BrokerId(1)), 5, 1_000, 1_000, -1, Arrays.asList(voters));
    }

    private static VoterStatus leader() {
        return voter(1, 1_000, 0);
    }

    private static ClusterImage image(boolean isFenced, int... brokers) {
        List<MetadataRecord> records = Arrays.stream(brokers)
                .mapToObj(id -> (MetadataRecord) new MetadataRecord.BrokerRecord(
                        new BrokerId(id),
                        id,
                        new UUID(0, id),
                        new BrokerAddress("host" + id, 7400, ""),
                        BrokerDirectories.of(List.of()),
                        isFenced,
                        false,
                        0))
                .toList();
        return ClusterImage.empty().apply(9, records);
    }

    private static ErrorCode code(Optional<CommandReply> refusal) {
        return refusal.map(CommandReply::error).orElse(ErrorCode.NONE);
    }

    private static ErrorCode adding(int broker, ClusterImage image, VoterStatus... voters) {
        return code(VoterRules.refuseAdding(new BrokerId(broker), quorum(voters), image));
    }

    private static ErrorCode removing(int broker, VoterStatus... voters) {
        return code(VoterRules.refuseRemoving(new BrokerId(broker), quorum(voters)));
    }

    private static ErrorCode transfer(int broker, VoterStatus... voters) {
        return code(VoterRules.refuseTransfer(new BrokerId(broker), quorum(voters)));
    }

    @Test
    void onlyALiveBrokerWithoutAVoteIsAdded() {
        ClusterImage live = image(false, 1, 2);
        assertThat(adding(2, live, leader())).isEqualTo(ErrorCode.NONE);
        assertThat(adding(1, live, leader())).isEqualTo(ErrorCode.ALREADY_A_VOTER);
        assertThat(adding(3, live, leader())).isEqualTo(ErrorCode.UNKNOWN_BROKER);
        assertThat(adding(2, image(true, 1, 2), leader())).isEqualTo(ErrorCode.BROKER_FENCED);
    }

    @Test
    void whoHasLostItsDirectoryIsToldWhatToDo() {
        Optional<CommandReply> refusal = VoterRules.refuseAdding(
                new BrokerId(3),
                quorum(leader(), voter(2, 1_000, ANSWERS), voter(3, 900, SILENT)),
                image(false, 1, 2, 3));
        assertThat(refusal.orElseThrow().message())
                .contains("silent", "metadata remove-voter 3", "metadata add-voter 3");
    }

    @Test
    void nothingIsAddedThatWouldLeaveTooFewAnswering() {
        ClusterImage live = image(false, 1, 2, 3, 4, 5, 6);
        assertThat(adding(4, live, leader(), voter(2, 1_000, ANSWERS), voter(3, 5, SILENT)))
                .isEqualTo(ErrorCode.NONE);
        assertThat(adding(
                        6,
                        live,
                        leader(),
                        voter(2, 1_000, ANSWERS),
                        voter(3, 5, SILENT),
                        voter(4, 5, SILENT),
                        voter(5, 5, SILENT)))
                .isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);
    }

    @Test
    void aMajorityOfWhatIsLeftMustAnswer() {
        VoterStatus up = voter(2, 1_000, ANSWERS);
        VoterStatus down = voter(3, 5, SILENT);
        assertThat(removing(3, leader(), up, down)).isEqualTo(ErrorCode.NONE);
        assertThat(removing(2, leader(), up, down)).isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);
        assertThat(removing(2, leader(), up)).isEqualTo(ErrorCode.NONE);
        assertThat(removing(1, leader())).isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);
        assertThat(removing(9, leader(), up)).isEqualTo(ErrorCode.UNKNOWN_VOTER);
        assertThat(removing(3, leader(), up, voter(3, 5, -1))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void leadershipMovesOnlyToAVoterThatAnswersAndHasTheLog() {
        VoterStatus behind = voter(3, 1_000 - VoterRules.LAG_MAX - 1, ANSWERS);
        VoterStatus near = voter(2, 1_000 - VoterRules.LAG_MAX, ANSWERS);
        assertThat(transfer(2, leader(), near, behind)).isEqualTo(ErrorCode.NONE);
        assertThat(transfer(3, leader(), near, behind)).isEqualTo(ErrorCode.VOTER_NOT_CAUGHT_UP);
        assertThat(transfer(2, leader(), voter(2, 1_000, SILENT))).isEqualTo(ErrorCode.VOTER_NOT_CAUGHT_UP);
        assertThat(transfer(4, leader(), near)).isEqualTo(ErrorCode.UNKNOWN_VOTER);
    }

    private static VoterSet set(long index, int... ids) {
        return new VoterSet(
                index,
                Arrays.stream(ids).mapToObj(id -> voter(id, 0, 0).voter()).toList());
    }

    @Test
    void onlyNewsOfACompleteSetWithoutItMakesAVoterRemoved() {
        Voter three = voter(3, 0, 0).voter();
        VoterSet own = set(20, 1, 2, 3);
        assertThat(VoterRules.isRemoved(three, true, own, set(30, 1, 2))).isTrue();
        assertThat(VoterRules.isRemoved(three, true, own, set(20, 1, 2)))
                .as("its own log has the change already")
                .isTrue();
        assertThat(VoterRules.isRemoved(three, true, own, set(10, 1, 2)))
                .as("from before it was added")
                .isFalse();
        assertThat(VoterRules.isRemoved(three, true, own, set(30, 1, 2, 3))).isFalse();
        assertThat(VoterRules.isRemoved(three, false, set(20, 1, 2), set(30, 1, 2)))
                .as("it waits to be added")
                .isFalse();
        // A fresh quorum, and nothing was heard yet.
        assertThat(VoterRules.isRemoved(three, true, set(-1, 1, 2, 3), VoterSet.UNKNOWN))
                .isFalse();
        // Its broker votes again, but under another directory.
        VoterSet replaced = new VoterSet(30, List.of(new Voter(VoterAddress.parse("3@host3:7401"), "fedcba987654")));
        assertThat(VoterRules.isRemoved(three, true, own, replaced)).isTrue();
    }

    @Test
    void successorsAnswerAndTheMostAdvancedIsFirst() {
        QuorumStatus status = quorum(
                leader(), voter(2, 990, ANSWERS), voter(3, 1_000, ANSWERS), voter(4, 1_000, SILENT), voter(5, 9, -1));
        assertThat(status.successors())
                .extracting(VoterStatus::broker)
                .containsExactly(new BrokerId(3), new BrokerId(2));
    }
}
