package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
final class BrokerSessionTest {
    private static final AtomicLong TOPICS = new AtomicLong();

    @TempDir
    private Path dir;

    private static MetadataCommand.CreateTopic topic(String name, int partitions, int replicas) {
        return new MetadataCommand.CreateTopic(
                new TopicId(77, TOPICS.incrementAndGet()),
                name,
                partitions,
                replicas,
                new TreeMap<>(),
                TopicDefaults.STANDARD,
                5,
                false,
                false);
    }

    private static CommandReply submit(BrokerSession session, MetadataCommand command) throws Exception {
        return session.submit(command).get(60, TimeUnit.SECONDS);
    }

    @Test
    void singleBrokerRegistersIsUnfencedAndSeesItsOwnCommands() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker broker = cluster.startVoter(1);
            cluster.awaitLive(1);
            assertThat(broker.session.clusterId())
                    .hasSize(22)
                    .isEqualTo(broker.image().clusterId());
            CommandReply reply = submit(broker.session, topic("a", 3, 1));
            assertThat(reply.isOk()).as("%s", reply).isTrue();
            assertThat(broker.image().topic("a")).isPresent();
            long index = broker.session.barrier().get(60, TimeUnit.SECONDS);
            assertThat(broker.image().index()).isGreaterThanOrEqualTo(index);
            assertThat(submit(broker.session, topic("a", 3, 1)).error()).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
            assertThat(broker.events).containsExactly("registered");
            assertThat(broker.fatal).isEmpty();
        }
    }

    @Test
    void aBrokerThatRegistersAnewLeavesItsSetsBeforeItIsLetInAgain() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker voter = cluster.startVoter(1);
            TestCluster.TestBroker broker = cluster.startObserver(2);
            cluster.awaitLive(1, 2);
            assertThat(submit(voter.session, topic("a", 2, 2)).isOk()).isTrue();
            long former = broker.session.brokerEpoch();

            broker.session.registerAnew("its disk has lost something");
            TestCluster.await("it has registered anew", () -> broker.session.brokerEpoch() > former);
            broker.session.unfence(List.of());
            cluster.awaitLive(1, 2);
            long epoch = broker.session.brokerEpoch();
            assertThat(broker.events).containsExactly("registered", "disconnected", "registered");
            assertThat(broker.fatal).isEmpty();
            TestCluster.await(
                    "the voter sees the new registration",
                    () -> voter.image().broker(new BrokerId(2)).orElseThrow().epoch() == epoch);
            assertThat(voter.image().topic("a").orElseThrow().partitions())
                    .as("nobody let it in again")
                    .allMatch(partition -> partition.isr().equals(List.of(new BrokerId(1))));
        }
    }

    @Test
    void fencingCannotBeAskedForFromOutside() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker broker = cluster.startVoter(1);
            cluster.awaitLive(1);
            BrokerRef ref = new BrokerRef(new BrokerId(1), broker.session.brokerEpoch());
            CommandReply reply = submit(broker.session, new MetadataCommand.FenceBrokers(List.of(ref)));
            assertThat(reply.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(broker.sees(1, true)).isTrue();
        }
    }

    @Test
    void sessionsResumeOnTheNextControllerAndTheDeadOneIsFenced() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 3)) {
            cluster.startVoters();
            cluster.startObserver(4);
            cluster.awaitLive(1, 2, 3, 4);
            int first = cluster.awaitController();
            assertThat(submit(cluster.brokers.get(4).session, topic("a", 6, 3)).isOk())
                    .isTrue();
            Map<Integer, Long> epochs = new TreeMap<>();
            cluster.brokers.values().forEach(broker -> epochs.put(broker.id, broker.session.brokerEpoch()));

            long killedNs = System.nanoTime();
            cluster.brokers.get(first).kill();
            for (TestCluster.TestBroker broker : cluster.running()) {
                TestCluster.await("the dead controller is fenced", () -> broker.sees(first, false));
            }
            long fencedMs = (System.nanoTime() - killedNs) / 1_000_000;
            assertThat(fencedMs).as("ms until the dead controller is fenced").isLessThan(6_000);
            int second = cluster.awaitController();
            assertThat(second).isNotEqualTo(first);
            ClusterImage image = cluster.brokers.get(second).image();
            for (TestCluster.TestBroker broker : cluster.running()) {
                assertThat(broker.session.brokerEpoch()).isEqualTo(epochs.get(broker.id));
                assertThat(broker.events).containsExactly("registered", "disconnected", "resumed");
                assertThat(broker.sees(broker.id, true)).isTrue();
            }
            TopicImage topic = image.topic("a").orElseThrow();
            assertThat(topic.partitions()).allMatch(PartitionImage::hasLeader);
            assertThat(topic.partitions()).noneMatch(p -> p.isLedBy(new BrokerId(first)));
            assertThat(submit(cluster.brokers.get(4).session, topic("b", 1, 3)).isOk())
                    .isTrue();

            cluster.startVoter(first);
            cluster.awaitLive(1, 2, 3, 4);
            assertThat(cluster.brokers.get(first).session.brokerEpoch()).isGreaterThan(epochs.get(first));
            TestCluster.await(
                    "all have the same image",
                    () -> cluster.running().stream()
                                    .map(TestCluster.TestBroker::image)
                                    .distinct()
                                    .count()
                            == 1);
        }
    }

    @Test
    void brokerWhoseProcessDiesIsFencedAfterTheGraceAndASilentOneAfterTheTimeout() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker voter = cluster.startVoter(1);
            cluster.startObserver(2);
            cluster.startObserver(3);
            cluster.awaitLive(1, 2, 3);

            long startNs = System.nanoTime();
            cluster.brokers.get(2).kill();
            TestCluster.await("the dead broker is fenced", () -> voter.sees(2, false));
            long deadMs = (System.nanoTime() - startNs) / 1_000_000;
            assertThat(deadMs).isLessThan(1_400);

            // The broker's loop stands still: its stream stays open, but nothing comes.
            CountDownLatch goOn = new CountDownLatch(1);
            startNs = System.nanoTime();
            cluster.brokers.get(3).loop.execute(() -> {
                try {
                    goOn.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            TestCluster.await("the silent broker is fenced", () -> voter.sees(3, false));
            long silentMs = (System.nanoTime() - startNs) / 1_000_000;
            assertThat(silentMs)
                    .isBetween(TestCluster.SESSION_TIMEOUT_MS - 400, TestCluster.SESSION_TIMEOUT_MS + 1_500);
            goOn.countDown();
            cluster.awaitLive(1, 3);
            assertThat(cluster.brokers.get(3).events).startsWith("registered").doesNotContain("refused");
        }
    }

    @Test
    void secondProcessWithTheSameIdIsRefusedWithBothAddresses() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            cluster.startVoter(1);
            TestCluster.TestBroker holder = cluster.startObserver(2);
            cluster.awaitLive(1, 2);
            cluster.brokers.remove(2);
            TestCluster.TestBroker intruder = cluster.startObserver(2);
            TestCluster.await("the second process is refused", () -> !intruder.events.isEmpty());
            assertThat(intruder.events.peek())
                    .startsWith("refused DUPLICATE_BROKER_ID")
                    .contains(holder.session
                            .image()
                            .brokers()
                            .get(new BrokerId(2))
                            .address()
                            .toString())
                    .contains("the broker at 127.0.0.1:" + intruder.grpcPort());
            assertThat(holder.sees(2, true)).isTrue();
            intruder.kill();

            // A restart at once, while the controller still waits for the former process.
            holder.kill();
            TestCluster.TestBroker successor = cluster.startObserver(2);
            cluster.awaitLive(1, 2);
            assertThat(successor.session.brokerEpoch()).isGreaterThan(holder.session.brokerEpoch());
        }
    }

    @Test
    void brokerOfAnotherClusterIsRefusedWithBothAddressesAndBothIds() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker voter = cluster.startVoter(1);
            cluster.awaitLive(1);
            cluster.clusterIdOfTheNext = "anotherClusterAltogether";
            TestCluster.TestBroker stranger = cluster.startObserver(2);
            TestCluster.await("the stranger is refused", () -> !stranger.events.isEmpty());
            assertThat(stranger.events.peek())
                    .startsWith("refused CLUSTER_ID_MISMATCH")
                    .contains("broker 2 at 127.0.0.1:" + stranger.grpcPort())
                    .contains("anotherClusterAltogether")
                    .contains("broker 1 at 127.0.0.1:" + voter.grpcPort())
                    .contains(voter.session.clusterId());
            assertThat(voter.image().broker(new BrokerId(2))).isEmpty();
        }
    }

    @Test
    void drainMovesLeadershipAway() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker voter = cluster.startVoter(1);
            TestCluster.TestBroker leaving = cluster.startObserver(2);
            cluster.awaitLive(1, 2);
            assertThat(submit(voter.session, topic("a", 4, 2)).isOk()).isTrue();
            TestCluster.await("the leaving broker leads something", () -> leads(leaving));
            leaving.session.drain().get(60, TimeUnit.SECONDS);
            assertThat(leads(leaving)).isFalse();
            assertThat(leaving.image().brokers().get(new BrokerId(2)).draining())
                    .isTrue();
        }
    }

    @Test
    void aLeaderHandsOverAndNobodyElseCanAskForIt() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, 1)) {
            TestCluster.TestBroker voter = cluster.startVoter(1);
            TestCluster.TestBroker tired = cluster.startObserver(2);
            cluster.awaitLive(1, 2);
            assertThat(submit(voter.session, topic("a", 1, 2)).isOk()).isTrue();
            PartitionId id =
                    new PartitionId(voter.image().topic("a").orElseThrow().id(), 0);
            TestCluster.TestBroker leader =
                    voter.image().partition(id).orElseThrow().isLedBy(new BrokerId(2)) ? tired : voter;
            TestCluster.TestBroker other = leader == tired ? voter : tired;
            BrokerRef self = new BrokerRef(new BrokerId(leader.id), leader.session.brokerEpoch());
            List<HandOverRequest> request = List.of(new HandOverRequest(id, self, 0));
            CommandReply outside = submit(other.session, new MetadataCommand.HandOverLeadership(request));
            assertThat(outside.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(other.session.requestHandOver(request)).isTrue();
            // In a session the order of messages is kept: the command that follows is behind the one that was dropped.
            assertThat(submit(other.session, new MetadataCommand.NoOp()).isOk()).isTrue();
            assertThat(other.image().partition(id).orElseThrow().isLedBy(self.id()))
                    .isTrue();

            new MetadataProposals(self.id(), leader.session)
                    .requestHandOver(id, new ReplicaEffect.RequestHandOver(0, "its disk is full"));
            TestCluster.await(
                    "the other leads",
                    () -> other.image().partition(id).orElseThrow().isLedBy(new BrokerId(other.id)));
            assertThat(other.image().partition(id).orElseThrow().leaderEpoch()).isEqualTo(1);
        }
    }

    private static boolean leads(TestCluster.TestBroker broker) {
        return broker.image().topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition -> partition.isLedBy(new BrokerId(broker.id)));
    }
}
