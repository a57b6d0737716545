package io.lograft.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.metadata.ratis.QuorumFormation.Outcome;
import io.lograft.metadata.ratis.QuorumFormation.Report;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuorumFormationTest {
    private static final List<VoterAddress> ADDRESSES = VoterAddress.parseList("2@b:7401, 1@a:7401,3@c:7411/9000");
    private static final Voter ONE = voter(1, "1");
    private static final Voter TWO = voter(2, "2");
    private static final Voter THREE = voter(3, "3");

    private static Voter voter(int id, String digit) {
        VoterAddress address = ADDRESSES.stream()
                .filter(a -> a.broker().value() == id)
                .findFirst()
                .orElseThrow();
        return new Voter(address, digit.repeat(32));
    }

    private static Report empty(Voter voter) {
        return new Report(voter, List.of(), List.of());
    }

    @Test
    void formsOnlyWhenAllAreUpAndEmpty() {
        Map<BrokerId, Report> some = Map.of(new BrokerId(2), empty(TWO));
        assertThat(QuorumFormation.decide(ONE, ADDRESSES, some))
                .isInstanceOfSatisfying(
                        Outcome.Waiting.class,
                        waiting -> assertThat(waiting.reason()).contains("[3]"));
        Map<BrokerId, Report> all = Map.of(new BrokerId(2), empty(TWO), new BrokerId(3), empty(THREE));
        assertThat(QuorumFormation.decide(ONE, ADDRESSES, all)).isEqualTo(new Outcome.Formed(List.of(ONE, TWO, THREE)));
    }

    @Test
    void joinsTheQuorumThatItWasFormedWithWhoeverIsMissing() {
        Map<BrokerId, Report> reports = Map.of(new BrokerId(2), new Report(TWO, List.of(ONE, TWO, THREE), List.of()));
        assertThat(QuorumFormation.decide(ONE, ADDRESSES, reports))
                .isEqualTo(new Outcome.Formed(List.of(ONE, TWO, THREE)));
    }

    @Test
    void aVoterThatLostItsDirectoryAndAStrangerStayOutside() {
        Map<BrokerId, Report> reports =
                Map.of(new BrokerId(2), new Report(TWO, List.of(ONE, TWO, THREE), List.of(ONE, TWO, THREE)));
        assertThat(QuorumFormation.decide(voter(1, "9"), ADDRESSES, reports))
                .isInstanceOfSatisfying(
                        Outcome.Outside.class,
                        outside -> assertThat(outside.reason())
                                .contains("votes are lost", "metadata remove-voter 1", "metadata add-voter 1"));
        Map<BrokerId, Report> without = Map.of(new BrokerId(2), new Report(TWO, List.of(TWO, THREE), List.of()));
        assertThat(QuorumFormation.decide(ONE, ADDRESSES, without))
                .isInstanceOfSatisfying(
                        Outcome.Outside.class,
                        outside -> assertThat(outside.reason())
                                .contains("not one of the voters", "metadata add-voter 1")
                                .doesNotContain("remove-voter"));
    }

    @Test
    void theReasonFollowsThePresentVotersRatherThanTheFounders() {
        // Broker 1 was a founder, and an operator has removed it since: nothing is left to remove.
        Map<BrokerId, Report> reports =
                Map.of(new BrokerId(2), new Report(TWO, List.of(ONE, TWO, THREE), List.of(TWO, THREE)));
        assertThat(QuorumFormation.decide(voter(1, "9"), ADDRESSES, reports))
                .isInstanceOfSatisfying(
                        Outcome.Outside.class,
                        outside -> assertThat(outside.reason()).doesNotContain("remove-voter"));
    }

    @Test
    void groupAndClusterIdDependOnTheDirectoriesAndNotOnTheOrder() {
        assertThat(QuorumGroup.uuidOf(List.of(ONE, TWO, THREE)))
                .isEqualTo(QuorumGroup.uuidOf(List.of(THREE, ONE, TWO)));
        assertThat(QuorumGroup.clusterIdOf(List.of(ONE, TWO, THREE)))
                .isNotEqualTo(QuorumGroup.clusterIdOf(List.of(voter(1, "9"), TWO, THREE)));
    }

    @Test
    void voterAddressesAreReadAndBadOnesRefused() {
        assertThat(VoterAddress.parse("3@c:7411/9000")).isEqualTo(new VoterAddress(new BrokerId(3), "c", 7411, 9000));
        assertThat(VoterAddress.parse("1@[::1]:7401").grpcPort()).isEqualTo(7400);
        assertThat(Voter.parse(ONE.toString())).isEqualTo(ONE);
        for (String bad : List.of("", "a:1", "1@a", "1@a:0", "1@a:70000", "x@a:7401", "1@a:7401,1@b:7401")) {
            assertThatThrownBy(() -> VoterAddress.parseList(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void directoryKeepsItsIdAndRefusesAnotherBroker(@TempDir Path dir) throws IOException {
        QuorumDirectory first = QuorumDirectory.open(dir, new BrokerId(1));
        Voter self = new Voter(ONE.address(), first.directoryId());
        first.form(List.of(self, TWO, THREE));
        QuorumDirectory again = QuorumDirectory.open(dir, new BrokerId(1));
        assertThat(again.directoryId()).isEqualTo(first.directoryId());
        assertThat(again.formation()).contains(List.of(self, TWO, THREE));
        assertThatThrownBy(() -> again.form(List.of(self, TWO))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> QuorumDirectory.open(dir, new BrokerId(2)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to broker 1");
    }

    @Test
    void aCutFileOfAVoterIsNotTakenForThatOfAnother(@TempDir Path dir) throws IOException {
        QuorumDirectory first = QuorumDirectory.open(dir, new BrokerId(1));
        first.form(List.of(new Voter(ONE.address(), first.directoryId()), TWO, THREE));
        Path file = dir.resolve("meta.properties");
        byte[] whole = Files.readAllBytes(file);
        for (int size = 0; size < whole.length; size++) {
            Files.write(file, Arrays.copyOf(whole, size));
            assertThatThrownBy(() -> QuorumDirectory.open(dir, new BrokerId(1)))
                    .as("cut after %d bytes", size)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void raftLogWithoutIdentityMayNotVoteBeforeItIsRenewed(@TempDir Path dir) throws IOException {
        Path current = Files.createDirectories(dir.resolve("raft/group/current"));
        Files.writeString(current.resolve("raft-meta"), "term=1");
        QuorumDirectory lost = QuorumDirectory.open(dir, new BrokerId(1));
        assertThat(lost.loss().orElseThrow()).contains("must not vote");
        assertThat(dir.resolve("meta.properties")).doesNotExist();
        QuorumDirectory renewed = lost.renew();
        assertThat(renewed.loss()).isEmpty();
        assertThat(dir.resolve("raft")).doesNotExist();
        assertThat(dir.resolve("retired/raft/group/current/raft-meta")).exists();
    }

    @Test
    void removedVoterIsRemembered(@TempDir Path dir) throws IOException {
        QuorumDirectory first = QuorumDirectory.open(dir, new BrokerId(1));
        first.form(List.of(new Voter(ONE.address(), first.directoryId())));
        first.markRemoved();
        QuorumDirectory again = QuorumDirectory.open(dir, new BrokerId(1));
        assertThat(again.isRemoved()).isTrue();
        assertThat(again.formation()).isPresent();
        QuorumDirectory renewed = again.renew();
        assertThat(renewed.isRemoved()).isFalse();
        assertThat(renewed.formation()).isEmpty();
    }

    @Test
    void voterIsTheSameMemberWhereverItIsReachedButNotWithAnotherDirectory() {
        Voter moved = new Voter(VoterAddress.parse("1@elsewhere:9001"), ONE.directoryId());
        assertThat(moved.isSameMember(ONE)).isTrue();
        assertThat(voter(1, "9").isSameMember(ONE)).isFalse();
        assertThat(QuorumGroup.voterOf(QuorumGroup.peer(THREE)).isSameMember(THREE))
                .isTrue();
        assertThat(QuorumGroup.voterOf(QuorumGroup.peer(THREE)).address()).isEqualTo(THREE.address());
    }

    /** A formation is one line of a file, and names the Raft group: a part of it that breaks either must not get so far. */
    @Test
    void aFormationThatCouldNotBeRememberedIsRefused() {
        assertThat(QuorumFormation.parse(List.of(TWO.toString(), ONE.toString())))
                .isEqualTo(List.of(ONE, TWO));
        String digits = "0123456789ab";
        for (String bad : List.of(
                "1@a:7401#" + digits + ",2@b:7401#" + digits,
                "1@a:7401#" + digits + "\nremoved=true",
                "1@a:7401#" + digits + "\\",
                "1@a:7401#" + "x".repeat(32),
                "1@a:7401#" + "0".repeat(33),
                "1@a\\:7401#" + digits,
                "1@a,b:7401#" + digits,
                "1@a\u0000b:7401#" + digits)) {
            assertThatThrownBy(() -> QuorumFormation.parse(List.of(bad)))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> QuorumFormation.parse(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one voter");
        assertThatThrownBy(() -> QuorumFormation.parse(
                        List.of(ONE.toString(), voter(1, "2").toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broker 1 is named twice");
    }
}
