package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.cluster.TestCluster.TestBroker;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.ChangeVotersResponse;
import io.lograft.wire.GrpcErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Voters come, go, hand over and lose their directories, with real quorums and sessions. */
@Timeout(300)
final class QuorumChangeTest {
    private static final int CHANGE_MS = 120_000;

    @TempDir
    private Path dir;

    private static ChangeVotersResponse change(TestBroker through, ChangeVotersRequest.Builder change)
            throws Exception {
        return through.session.changeVoters(change.setTimeoutMs(CHANGE_MS)).get(CHANGE_MS, TimeUnit.MILLISECONDS);
    }

    private static ChangeVotersRequest.Builder add(int id) {
        return ChangeVotersRequest.newBuilder().setAdd(id);
    }

    private static ChangeVotersRequest.Builder remove(int id) {
        return ChangeVotersRequest.newBuilder().setRemove(id);
    }

    private static ErrorCode refusal(TestBroker through, ChangeVotersRequest.Builder change) throws Exception {
        try {
            change(through, change);
            return ErrorCode.NONE;
        } catch (ExecutionException refused) {
            return GrpcErrors.of(refused.getCause()).code();
        }
    }

    private static List<Integer> ids(ChangeVotersResponse response) {
        return response.getVoters().getVotersList().stream()
                .map(text -> Integer.parseInt(text.substring(0, text.indexOf('@'))))
                .toList();
    }

    /** A call that was under way when its controller died has an unknown outcome; the next one finds the new one. */
    private static void writeThrough(TestBroker broker) {
        TestCluster.await("a command is carried out", () -> {
            try {
                return broker.session
                        .submit(new MetadataCommand.NoOp())
                        .get(60, TimeUnit.SECONDS)
                        .isOk();
            } catch (ExecutionException | TimeoutException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static MetadataQuorum quorumOf(TestBroker broker) {
        return broker.node.quorum().orElseThrow();
    }

    @Test
    void orderlyStopOfTheControllerHandsOverAndEverySessionFollows() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            TestBroker observer = cluster.startObserver(4);
            cluster.awaitLive(1, 2, 3, 4);
            int first = cluster.awaitController();
            TestBroker leaving = cluster.brokers.get(first);
            leaving.session.drain().get(60, TimeUnit.SECONDS);
            Map<Integer, Long> epochs = new TreeMap<>();
            cluster.brokers.values().forEach(broker -> epochs.put(broker.id, broker.session.brokerEpoch()));
            long startNs = System.nanoTime();
            leaving.node.handOver(60_000).get(60, TimeUnit.SECONDS);
            TestCluster.await(
                    "all are with the next controller",
                    () -> cluster.running().stream()
                            .allMatch(broker -> broker.session
                                    .controller()
                                    .filter(now -> now.value() != first)
                                    .isPresent()));
            // The shortest election timeout of this cluster is three seconds.
            long ms = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println(
                    "from the wish to hand over until all four sessions were with the next one: " + ms + " ms");
            writeThrough(observer);
            assertThat(cluster.awaitController()).isNotEqualTo(first);
            for (TestBroker broker : cluster.running()) {
                // Nobody was fenced in between, or had to register anew.
                assertThat(broker.events).contains("disconnected", "resumed");
                assertThat(broker.session.brokerEpoch()).isEqualTo(epochs.get(broker.id));
                assertThat(broker.sees(broker.id, true)).isTrue();
                assertThat(broker.fatal).isEmpty();
            }
            leaving.kill();
            TestCluster.await("the one that stopped is fenced", () -> observer.sees(first, false));
            writeThrough(observer);
        }
    }

    @Test
    void oneBrokerBecomesThreeVotersWithoutARestartAndTheyStayVotersAfterOne() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 1)) {
            TestBroker first = cluster.startVoter(1);
            cluster.startObserver(2);
            cluster.startObserver(3);
            cluster.awaitLive(1, 2, 3);
            assertThat(refusal(first, add(1))).isEqualTo(ErrorCode.ALREADY_A_VOTER);
            assertThat(refusal(first, add(9))).isEqualTo(ErrorCode.UNKNOWN_BROKER);
            assertThat(refusal(first, remove(2))).isEqualTo(ErrorCode.UNKNOWN_VOTER);
            assertThat(refusal(first, remove(1))).isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);

            // Through a broker that is not the controller.
            assertThat(ids(change(cluster.brokers.get(3), add(2)))).containsExactly(1, 2);
            assertThat(ids(change(cluster.brokers.get(2), add(3)))).containsExactly(1, 2, 3);
            for (TestBroker broker : cluster.running()) {
                TestCluster.await("broker " + broker.id + " knows that it votes", broker::isVoting);
                TestCluster.await(
                        "broker " + broker.id + " knows all voters",
                        () -> broker.session.voters().voters().size() == 3);
            }

            // The configuration of each still names broker 1 alone. The founder goes, the others lead.
            first.kill();
            TestBroker second = cluster.brokers.get(2);
            TestBroker third = cluster.brokers.get(3);
            writeThrough(second);
            assertThat(cluster.awaitController()).isIn(2, 3);
            third.kill();
            TestBroker thirdAgain = cluster.restartObserver(3);
            TestCluster.await("broker 3 votes again by what its directory remembers", thirdAgain::isVoting);
            writeThrough(second);
            // The founder comes back to a quorum that its own configuration knows nothing of.
            TestBroker firstAgain = cluster.startVoter(1);
            cluster.awaitLive(1, 2, 3);
            assertThat(firstAgain.isVoting()).isTrue();
            assertThat(quorumOf(firstAgain).voters().voters()).hasSize(3);
        }
    }

    @Test
    void removedVoterLearnsItStopsItsRaftServerAndGoesOnAsABroker() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            cluster.awaitLive(1, 2, 3);
            int first = cluster.awaitController();
            TestBroker other = cluster.brokers.get(first == 1 ? 2 : 1);
            // The controller itself is removed: it hands over, and the call goes on to its successor.
            assertThat(ids(change(other, remove(first)))).doesNotContain(first).hasSize(2);
            TestBroker removed = cluster.brokers.get(first);
            TestCluster.await(
                    "it has no quorum any more", () -> removed.node.quorum().isEmpty());
            assertThat(removed.node.note()).contains("was removed", "metadata add-voter " + first);
            cluster.awaitLive(1, 2, 3);
            writeThrough(removed);
            assertThat(removed.fatal).isEmpty();
            assertThat(removed.events).noneMatch(event -> event.startsWith("refused"));

            // The same after a restart: its directory remembers, though its configuration names it.
            removed.kill();
            TestBroker again = cluster.startVoter(first);
            cluster.awaitLive(1, 2, 3);
            assertThat(again.node.quorum()).isEmpty();
            assertThat(again.node.note()).contains("was removed");

            // And it can become a voter again, as another member.
            assertThat(ids(change(again, add(first)))).containsExactly(1, 2, 3);
            TestCluster.await("it votes", again::isVoting);
            TestCluster.await("all is well", () -> again.node.note().isEmpty());
        }
    }

    @Test
    void voterThatWasRemovedWhileItWasDownLearnsItWhenItIsBack() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            cluster.awaitLive(1, 2, 3);
            int first = cluster.awaitController();
            int away = first == 3 ? 2 : 3;
            cluster.brokers.get(away).kill();
            TestBroker leader = cluster.brokers.get(first);
            TestCluster.await(
                    "it is fenced and silent",
                    () -> leader.sees(away, false)
                            && quorumOf(leader).status().successors().size() == 1);
            assertThat(refusal(leader, remove(6 - first - away))).isEqualTo(ErrorCode.MAJORITY_WOULD_BE_LOST);
            assertThat(ids(change(leader, remove(away)))).doesNotContain(away).hasSize(2);

            TestBroker back = cluster.startVoter(away);
            TestCluster.await(
                    "it learns that it was removed", () -> back.node.note().contains("was removed"));
            cluster.awaitLive(1, 2, 3);
            assertThat(back.fatal).isEmpty();
            writeThrough(back);
        }
    }

    @Test
    void voterWhoseMetadataDirectoryIsLostGoesOnWithoutAVoteUntilItIsReplaced() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            cluster.awaitLive(1, 2, 3);
            int first = cluster.awaitController();
            int victim = first == 3 ? 2 : 3;
            TestBroker leader = cluster.brokers.get(first);
            String formerId = quorumOf(cluster.brokers.get(victim)).self().raftId();
            cluster.brokers.get(victim).kill();
            deleteTree(cluster.dir(victim));

            TestBroker empty = cluster.startVoter(victim);
            TestCluster.await("it says so", () -> empty.node.note().contains("votes are lost"));
            assertThat(empty.node.note()).contains("metadata remove-voter " + victim, "metadata add-voter " + victim);
            cluster.awaitLive(1, 2, 3);
            assertThat(empty.node.quorum())
                    .as("it must not vote under its old id")
                    .isEmpty();
            assertThat(empty.fatal).isEmpty();
            writeThrough(empty);

            assertThat(refusal(empty, add(victim))).isEqualTo(ErrorCode.ALREADY_A_VOTER);
            change(empty, remove(victim));
            assertThat(ids(change(empty, add(victim)))).containsExactly(1, 2, 3);
            TestCluster.await("it votes", empty::isVoting);
            assertThat(quorumOf(empty).self().raftId()).isNotEqualTo(formerId);

            // Its vote counts: the third voter may go.
            cluster.brokers.get(6 - first - victim).kill();
            writeThrough(leader);
        }
    }

    @Test
    void voterThatLostOnlyItsRaftLogIsReplacedTheSameWay() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            cluster.awaitLive(1, 2, 3);
            int first = cluster.awaitController();
            int victim = first == 3 ? 2 : 3;
            cluster.brokers.get(victim).kill();
            deleteTree(cluster.dir(victim).resolve("raft"));

            TestBroker broken = cluster.startVoter(victim);
            assertThat(broken.node.note()).contains("lost its Raft log", "metadata remove-voter " + victim);
            cluster.awaitLive(1, 2, 3);
            change(broken, remove(victim));
            assertThat(ids(change(broken, add(victim)))).containsExactly(1, 2, 3);
            TestCluster.await("it votes", broken::isVoting);
            assertThat(cluster.dir(victim).resolve("retired/store")).isDirectory();
        }
    }

    @Test
    void leadershipGoesWhereTheOperatorWantsIt() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 3)) {
            cluster.startVoters();
            TestBroker observer = cluster.startObserver(4);
            cluster.awaitLive(1, 2, 3, 4);
            int first = cluster.awaitController();
            int wanted = first == 3 ? 2 : 3;
            ChangeVotersResponse done =
                    change(observer, ChangeVotersRequest.newBuilder().setTransferTo(wanted));
            assertThat(done.getControllerId()).isEqualTo(wanted);
            TestCluster.await("all follow", () -> cluster.awaitController() == wanted);
            assertThat(change(observer, ChangeVotersRequest.newBuilder().setTransferTo(wanted))
                            .getControllerId())
                    .isEqualTo(wanted);
            assertThat(refusal(observer, ChangeVotersRequest.newBuilder().setTransferTo(4)))
                    .isEqualTo(ErrorCode.UNKNOWN_VOTER);
            change(observer, ChangeVotersRequest.newBuilder().setTransferTo(-1));
            TestCluster.await("another leads", () -> cluster.awaitController() != wanted);
        }
    }

    @Test
    void voterThatWasStartedAnewWithAnOldConfigurationDrawsNobodyAway() throws Exception {
        try (TestCluster cluster = TestCluster.patient(dir, 1)) {
            TestBroker first = cluster.startVoter(1);
            cluster.startObserver(2);
            cluster.startObserver(3);
            cluster.awaitLive(1, 2, 3);
            change(first, add(2));
            change(first, add(3));
            String clusterId = first.session.clusterId();
            // Broker 1 loses all its disks. Its configuration names it as the only voter, so it founds a cluster of its
            // own.
            first.kill();
            deleteTree(cluster.dir(1));
            TestBroker second = cluster.brokers.get(2);
            writeThrough(second);
            TestBroker stranger = cluster.startVoter(1);
            TestCluster.await(
                    "it leads a quorum of its own",
                    () -> stranger.node
                            .quorum()
                            .filter(MetadataQuorum::isController)
                            .isPresent());
            assertThat(stranger.node.quorum().orElseThrow().clusterId()).isNotEqualTo(clusterId);
            // The others have to look for a controller while it is there.
            change(second, ChangeVotersRequest.newBuilder().setTransferTo(-1));
            TestBroker third = cluster.brokers.get(3);
            writeThrough(second);
            writeThrough(third);
            assertThat(third.session.clusterId()).isEqualTo(clusterId);
            assertThat(second.events).noneMatch(event -> event.startsWith("refused"));
            assertThat(third.events).noneMatch(event -> event.startsWith("refused"));
        }
    }

    private static void deleteTree(Path root) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}
