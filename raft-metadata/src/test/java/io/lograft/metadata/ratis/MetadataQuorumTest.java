package io.lograft.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
final class MetadataQuorumTest {
    private static final QuorumTimings ONE = QuorumTimings.single();
    private static final QuorumTimings THREE = QuorumTimings.several();
    private static final QuorumConfig.Limits LIMITS = new QuorumConfig.Limits(20_000, 4 << 20, 256);

    @TempDir
    private Path dir;

    private static MetadataCommand.RegisterBroker register(int id) {
        return new MetadataCommand.RegisterBroker(
                new BrokerId(id), new UUID(7, id), "", new BrokerAddress("host" + id, 7400, ""), List.of(), false);
    }

    private static CommandReply submit(MetadataQuorum quorum, MetadataCommand command) throws Exception {
        return quorum.submit(command).get(60, TimeUnit.SECONDS);
    }

    private static long producerIds(MetadataQuorum quorum, BrokerRef broker) throws Exception {
        CommandReply reply = submit(quorum, new MetadataCommand.AllocateProducerIds(broker, 10));
        assertThat(reply.isOk()).as("%s", reply).isTrue();
        return ((CommandReply.ProducerIdBlock) reply.result()).first();
    }

    private static BrokerRef registered(MetadataQuorum quorum, int id) throws Exception {
        CommandReply reply = submit(quorum, register(id));
        assertThat(reply.isOk()).as("%s", reply).isTrue();
        return new BrokerRef(new BrokerId(id), ((CommandReply.Registered) reply.result()).brokerEpoch());
    }

    @Test
    void quorumOfOneFormsAndKeepsItsStateOverARestart() throws Exception {
        ClusterImage before;
        String clusterId;
        try (TestVoters voters = new TestVoters(dir, 1, ONE, LIMITS)) {
            voters.startAll();
            MetadataQuorum quorum = voters.controller();
            clusterId = quorum.clusterId();
            assertThat(quorum.image().clusterId()).isEqualTo(clusterId).hasSize(22);
            BrokerRef broker = registered(quorum, 1);
            assertThat(producerIds(quorum, broker)).isEqualTo(0);
            assertThat(producerIds(quorum, broker)).isEqualTo(10);
            before = quorum.image();
            voters.stop(1);
            MetadataQuorum again = voters.start(1);
            assertThat(again.image()).isEqualTo(before);
            voters.awaitController();
            assertThat(again.image()).isEqualTo(before);
            assertThat(producerIds(again, broker)).isEqualTo(20);
            assertThat(voters.recorders.get(1).outOfOrder).isEmpty();
            assertThat(voters.recorders.get(1).fatal).isEmpty();
        }
    }

    @Test
    void refusedCommandLeavesNoChange() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, ONE, LIMITS)) {
            voters.startAll();
            MetadataQuorum quorum = voters.controller();
            ClusterImage before = quorum.image();
            CommandReply reply = submit(quorum, new MetadataCommand.FormCluster("another", 1));
            assertThat(reply.error()).isEqualTo(ErrorCode.CLUSTER_ID_MISMATCH);
            CommandReply unknown =
                    submit(quorum, new MetadataCommand.AllocateProducerIds(new BrokerRef(new BrokerId(9), 1), 10));
            assertThat(unknown.error()).isEqualTo(ErrorCode.UNKNOWN_BROKER);
            assertThat(quorum.image()).isEqualTo(before);
            assertThat(quorum.barrier().get(60, TimeUnit.SECONDS)).isEqualTo(before.index());
        }
    }

    @Test
    void threeVotersAgreeAndANewLeaderGoesOnAfterTheOldOneIsGone() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, THREE, LIMITS)) {
            voters.startAll();
            int first = voters.awaitController();
            BrokerRef broker = registered(voters.voter(first), 1);
            assertThat(producerIds(voters.voter(first), broker)).isEqualTo(0);
            voters.awaitAgreement(voters.voter(first).image().index());
            int other = first == 1 ? 2 : 1;
            assertThat(submit(voters.voter(other), register(2)).error()).isEqualTo(ErrorCode.NOT_CONTROLLER);
            assertThat(voters.voter(other).barrier()).isCompletedExceptionally();
            assertThat(voters.voter(first).barrier().get(60, TimeUnit.SECONDS))
                    .isEqualTo(voters.voter(first).image().index());

            voters.stop(first);
            assertThat(voters.recorders.get(first).leadership).containsExactly("became", "lost");
            MetadataQuorum second = voters.controller();
            assertThat(producerIds(second, broker)).isEqualTo(10);

            voters.start(first);
            voters.awaitAgreement(second.image().index());
            QuorumStatus status = second.status();
            assertThat(status.voters()).hasSize(3);
            assertThat(status.leader()).contains(new BrokerId(voters.awaitController()));
            assertThat(status.commitIndex())
                    .isGreaterThanOrEqualTo(second.image().index());
            TestVoters.await(
                    "all matches",
                    () -> second.status().voters().stream()
                            .allMatch(voter -> voter.matchIndex() >= status.commitIndex()));
        }
    }

    @Test
    void leadershipCanBeHandedOver() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, THREE, LIMITS)) {
            voters.startAll();
            int first = voters.awaitController();
            BrokerRef broker = registered(voters.voter(first), 1);
            assertThat(voters.voter(first).handOver(30_000).get(60, TimeUnit.SECONDS))
                    .isTrue();
            TestVoters.await(
                    "the old leader's notice", () -> !voters.voter(first).isController());
            int second = voters.awaitController();
            assertThat(second).isNotEqualTo(first);
            assertThat(producerIds(voters.voter(second), broker)).isEqualTo(0);
        }
    }

    @Test
    void voterThatWasAwayForLongGetsACheckpoint() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 3, THREE, new QuorumConfig.Limits(50, 8 << 10, 256))) {
            voters.startAll();
            int leader = voters.awaitController();
            BrokerRef broker = registered(voters.voter(leader), 1);
            int away = leader == 3 ? 2 : 3;
            voters.awaitAgreement(voters.voter(leader).image().index());
            voters.stop(away);
            MetadataQuorum quorum = voters.controller();
            allocateMany(quorum, broker, 600);
            TestVoters.await("a checkpoint", () -> quorum.status().snapshotIndex() > 500);
            TestVoters.await("a purge of the log", () -> oldestLogIndex(leader) > 100);
            MetadataQuorum back = voters.start(away);
            voters.awaitAgreement(quorum.image().index());
            assertThat(back.image()).isEqualTo(quorum.image());
            assertThat(voters.recorders.get(away).imagesReplaced).hasValue(2);
            assertThat(voters.recorders.get(away).fatal).isEmpty();

            // What was installed is also what is on its disk.
            voters.stop(away);
            assertThat(voters.start(away).image()).isEqualTo(quorum.image());
            allocateMany(voters.controller(), broker, 100);
            voters.awaitAgreement(voters.controller().image().index());
        }
    }

    private static void allocateMany(MetadataQuorum quorum, BrokerRef broker, int count) throws Exception {
        List<CompletableFuture<CommandReply>> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(quorum.submit(new MetadataCommand.AllocateProducerIds(broker, 1)));
            if (replies.size() == 100) {
                for (CompletableFuture<CommandReply> reply : replies) {
                    assertThat(reply.get(60, TimeUnit.SECONDS).error()).isEqualTo(ErrorCode.NONE);
                }
                replies.clear();
            }
        }
    }

    /** First index of the oldest file of the Raft log. */
    private long oldestLogIndex(int id) {
        try (Stream<Path> files = Files.walk(dir.resolve("voter-" + id).resolve("raft"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("log_\\d+-\\d+|log_inprogress_\\d+"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll("log_inprogress_|log_|-\\d+$", "")))
                    .min()
                    .orElseThrow();
        } catch (IOException | UncheckedIOException e) {
            return -1; // A file went away while we looked.
        }
    }

    @Test
    void tooManyCommandsInFlightAreRefused() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, ONE, LIMITS)) {
            voters.startAll();
            MetadataQuorum quorum = voters.controller();
            List<CompletableFuture<CommandReply>> replies = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                replies.add(quorum.submit(new MetadataCommand.NoOp()));
            }
            List<ErrorCode> errors = new ArrayList<>();
            for (CompletableFuture<CommandReply> reply : replies) {
                errors.add(reply.get(60, TimeUnit.SECONDS).error());
            }
            assertThat(errors).contains(ErrorCode.BUSY, ErrorCode.NONE);
            assertThat(errors).containsOnly(ErrorCode.BUSY, ErrorCode.NONE);
            assertThat(submit(quorum, new MetadataCommand.NoOp()).isOk()).isTrue();
        }
    }

    @Test
    void voterWithoutAMajorityGivesUpItsCommands() throws Exception {
        QuorumTimings timings = new QuorumTimings(400, 800, 100, 250, 1_000, 10_000, 600_000);
        try (TestVoters voters = new TestVoters(dir, 3, timings, LIMITS)) {
            voters.startAll();
            int leader = voters.awaitController();
            for (int id = 1; id <= 3; id++) {
                if (id != leader) {
                    voters.stop(id);
                }
            }
            assertThat(submit(voters.voter(leader), register(1)).error())
                    .isIn(ErrorCode.OUTCOME_UNKNOWN, ErrorCode.NOT_CONTROLLER);
            TestVoters.await("loss of leadership", () -> !voters.voter(leader).isController());
            assertThatThrownBy(() -> voters.voter(leader).barrier().get(60, TimeUnit.SECONDS))
                    .isInstanceOf(Exception.class);
        }
    }

    @Test
    void voterWhoseRaftLogIsGoneSaysSo() throws Exception {
        try (TestVoters voters = new TestVoters(dir, 1, ONE, LIMITS)) {
            voters.startAll();
            voters.awaitController();
            voters.stop(1);
            CheckpointStorage.deleteTree(voters.dir(1).resolve("raft"));
            QuorumDirectory lost = QuorumDirectory.open(voters.dir(1), new BrokerId(1));
            assertThat(lost.loss().orElseThrow()).contains("lost its Raft log");
            QuorumDirectory renewed = lost.renew();
            assertThat(renewed.loss()).isEmpty();
            assertThat(renewed.formation()).isEmpty();
            assertThat(renewed.directoryId()).isNotEqualTo(lost.directoryId());
        }
    }
}
