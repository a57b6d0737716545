package io.lograft.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Voters come and go while the quorum works, on real sockets and disks. */
@Timeout(300)
final class VoterMembershipTest {
    /** Long ones, so that a machine that stands still for a moment causes no election that nobody asked for. */
    private static final QuorumTimings TIMINGS = new QuorumTimings(2_000, 4_000, 100, 250, 30_000, 10_000, 600_000);

    private static final QuorumConfig.Limits LIMITS = new QuorumConfig.Limits(50, 8 << 10, 256);

    @TempDir
    private Path dir;

    private static void write(MetadataQuorum quorum, int id) throws Exception {
        CommandReply reply = quorum.submit(new MetadataCommand.RegisterBroker(
                        new BrokerId(id),
                        new UUID(7, id),
                        "",
                        new BrokerAddress("host" + id, 7400, ""),
                        List.of(),
                        false))
                .get(60, TimeUnit.SECONDS);
        assertThat(reply.isOk()).as("%s", reply).isTrue();
    }

    private static List<Integer> ids(VoterSet voters) {
        return voters.voters().stream()
                .map(voter -> voter.address().broker().value())
                .toList();
    }

    @Test
    void oneVoterBecomesThreeAndAnyOneOfThemMayGo() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, 3, TIMINGS, LIMITS)) {
            voters.startAll();
            MetadataQuorum first = voters.controller();
            // Enough that a newcomer needs a checkpoint and the log behind it.
            for (int i = 1; i <= 200; i++) {
                write(first, i);
            }
            for (int id = 2; id <= 3; id++) {
                MetadataQuorum joining = voters.start(id);
                assertThat(joining.isMember()).isFalse();
                CommandReply added = voters.change(id, true);
                assertThat(added.isOk()).as("%s", added).isTrue();
                TestVoters.await("the newcomer knows", joining::isMember);
                voters.awaitAgreement(first.image().index());
            }
            assertThat(ids(first.voters())).containsExactly(1, 2, 3);
            TestVoters.await(
                    "the listener knows",
                    () -> ids(voters.recorders.get(1).voters).equals(List.of(1, 2, 3)));
            assertThat(first.clusterId()).isEqualTo(voters.voter(3).clusterId());

            voters.stop(1);
            MetadataQuorum second = voters.controller();
            write(second, 201);
            voters.start(1);
            voters.awaitAgreement(second.image().index());
            assertThat(ids(voters.voter(1).voters())).containsExactly(1, 2, 3);
        }
    }

    @Test
    void newcomerThatIsNotThereIsNotAddedAndTheQuorumGoesOn() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, 2, TIMINGS, LIMITS)) {
            voters.startAll();
            MetadataQuorum quorum = voters.controller();
            QuorumDirectory absent = QuorumDirectory.open(voters.dir(2), new BrokerId(2));
            VoterSet present = quorum.voters();
            List<Voter> wanted = new ArrayList<>(present.voters());
            wanted.add(new Voter(voters.config(2).self(), absent.directoryId()));
            CommandReply reply = quorum.setVoters(present, wanted, 60_000).get(60, TimeUnit.SECONDS);
            assertThat(reply.error()).as("%s", reply).isEqualTo(ErrorCode.VOTER_NOT_CAUGHT_UP);
            assertThat(ids(quorum.voters())).containsExactly(1);
            write(quorum, 1);
        }
    }

    @Test
    void removedVoterThatComesBackDisturbsNobodyAndCanBeAddedUnderAnotherName() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, TIMINGS, LIMITS)) {
            voters.startAll();
            int leader = voters.awaitController();
            int leaving = leader == 3 ? 2 : 3;
            voters.awaitAgreement(voters.voter(leader).image().index());
            voters.stop(leaving);
            CommandReply removed = voters.change(leaving, false);
            assertThat(removed.isOk()).as("%s", removed).isTrue();
            MetadataQuorum quorum = voters.controller();
            assertThat(ids(quorum.voters())).doesNotContain(leaving).hasSize(2);
            long term = quorum.status().term();

            MetadataQuorum back = voters.start(leaving);
            assertThat(back.isMember()).as("it has not heard yet").isTrue();
            // Its own members are the old ones, and older than those of the quorum: that is how it learns.
            assertThat(back.voters().index()).isLessThan(quorum.voters().index());
            write(quorum, 1);
            assertThat(quorum.status().term()).isEqualTo(term);
            voters.stop(leaving);

            QuorumDirectory renewed = QuorumDirectory.open(voters.dir(leaving), new BrokerId(leaving))
                    .renew();
            renewed.form(quorum.formation());
            MetadataQuorum fresh = voters.start(leaving);
            CommandReply added = voters.change(leaving, true);
            assertThat(added.isOk()).as("%s", added).isTrue();
            TestVoters.await("the newcomer knows", fresh::isMember);
            voters.awaitAgreement(quorum.image().index());
            assertThat(ids(quorum.voters())).containsExactly(1, 2, 3);
        }
    }

    @Test
    void handOverIsDoneBeforeAnElectionWouldHaveBegun() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, TIMINGS, LIMITS)) {
            voters.startAll();
            List<Long> gapsMs = new ArrayList<>();
            for (int round = 0; round < Integer.getInteger("handover.rounds", 3); round++) {
                int old = voters.awaitController();
                MetadataQuorum quorum = voters.voter(old);
                write(quorum, 1 + round);
                voters.awaitAgreement(quorum.image().index());
                long startNs = System.nanoTime();
                assertThat(quorum.handOver(60_000).get(60, TimeUnit.SECONDS)).isTrue();
                int next = voters.awaitControllerOtherThan(old);
                gapsMs.add((System.nanoTime() - startNs) / 1_000_000);
                assertThat(next).isNotEqualTo(old);
                write(voters.voter(next), 100 + round);
            }
            System.out.println("from the wish to hand over to the next controller, ms: " + gapsMs);
        }
    }

    @Test
    void quorumOfOneHasNobodyToHandOverTo() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, QuorumTimings.single(), LIMITS)) {
            voters.startAll();
            MetadataQuorum quorum = voters.controller();
            assertThat(quorum.handOver(60_000).get(60, TimeUnit.SECONDS)).isFalse();
            write(quorum, 1);
        }
    }

    @Test
    void handOverPassesOverAVoterThatIsDown() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, TIMINGS, LIMITS)) {
            voters.startAll();
            int leader = voters.awaitController();
            MetadataQuorum quorum = voters.voter(leader);
            voters.awaitAgreement(quorum.image().index());
            int down = leader == 3 ? 2 : 3;
            int left = 6 - leader - down;
            voters.stop(down);
            // It has all of the log, as nothing was written since; that it is silent is what tells.
            TestVoters.await(
                    "the silence is noticed",
                    () -> !quorum.status().of(new BrokerId(down)).orElseThrow().answers());
            assertThat(quorum.handOver(60_000).get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(voters.awaitControllerOtherThan(leader)).isEqualTo(left);
        }
    }
}
