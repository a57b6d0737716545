package io.lograft.broker.group.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.CollectedFailures;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.runtime.UnansweredProposals;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReplicateRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shard over a real replica that leads alone, on a disk in memory, with the broker's own threads. */
@Timeout(60)
final class CoordinatorShardTest {
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 2, new RetentionPace(300_000, () -> true));
    private static final BrokerId SELF = new BrokerId(1);
    private static final PartitionId OFFSETS = new PartitionId(new TopicId(1, 2), 0);
    private static final PartitionId ORDERS = new PartitionId(new TopicId(3, 4), 5);

    private final FaultyFileStore disk = new FaultyFileStore();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final EventLoop metadata = new EventLoop("metadata", Clock.SYSTEM, 1_000, failures::add);
    private final EventLoop groups = new EventLoop("group", Clock.SYSTEM, 1_000, failures::add);
    private final EventLoopGroup loops = new EventLoopGroup("partition", 1, Clock.SYSTEM, 1_000, failures::add);
    private final Workers storage = new Workers("storage", 1, failures::add);
    private final Workers flushes = new Workers("flush", 2, failures::add);
    private final PartitionRegistry registry = new PartitionRegistry();
    private final ReplicaHost host = host();

    private ReplicaHost host() {
        disk.capacityBytes(1 << 20);
        try {
            ReplicaHost made = new ReplicaHost(
                    LogDirectory.open(disk, "boot"),
                    new ReplicaHost.Setup(loops, storage, flushes, Clock.SYSTEM, SETTINGS, failures::add),
                    registry,
                    new Ports(
                            new ReplicationServer(() -> "cluster", registry),
                            new LeaderConnections(metadata, null, registry, ReplicateRequest.Hello::getDefaultInstance),
                            UnansweredProposals.noneFails(),
                            flushes,
                            new CollectedFailures(failures::add),
                            new DiskRoom(),
                            BrokerMetrics.NONE));
            made.recover(name -> LogConfig.DEFAULTS).join();
            return made;
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stop() {
        metadata.close();
        groups.close();
        loops.close();
        storage.close();
        flushes.close();
        assertThat(failures).isEmpty();
    }

    private CoordinatorShard shard() throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        storage.execute(() -> storage.execute(() -> passed.complete(null)));
        passed.get(20, TimeUnit.SECONDS);
        PartitionRuntime partition = registry.find(OFFSETS).orElseThrow();
        CoordinatorShard shard = new CoordinatorShard(
                GroupPartition.of(partition),
                GroupLoop.of(groups),
                () -> new GroupShard(
                        GroupSettings.DEFAULT,
                        (groupId, kind) -> {
                            throw new IllegalStateException("no member joins here");
                        },
                        new Topics(true),
                        clientId -> clientId));
        partition.watch(shard::viewChanged);
        shard.viewChanged();
        return shard;
    }

    /** Leadership by this broker, in that epoch, or none. */
    private void configure(int leaderEpoch, boolean isLeader) {
        configure(
                leaderEpoch,
                leaderEpoch,
                isLeader,
                List.of(new PartitionConfiguration.Member(SELF, 7, true, false, true)));
    }

    private void configure(
            int leaderEpoch, int partitionEpoch, boolean isLeader, List<PartitionConfiguration.Member> members) {
        PartitionConfiguration configuration = new PartitionConfiguration(
                SELF,
                7,
                isLeader ? Optional.of(SELF) : Optional.empty(),
                leaderEpoch,
                partitionEpoch,
                members,
                1,
                FlushMode.COMMIT,
                -1);
        host.configure(new ReplicaSpec(
                OFFSETS,
                new TopicPartition(CoordinatorRuntime.OFFSETS_TOPIC, 0),
                LogConfig.DEFAULTS,
                ProduceRules.of(1 << 20),
                configuration));
    }

    private CompletableFuture<GroupReply> ask(CoordinatorShard shard, GroupRequest request) {
        CompletableFuture<GroupReply> reply = new CompletableFuture<>();
        groups.execute(() -> shard.handle(request, new CompletableFuture<>(), reply::complete));
        return reply;
    }

    private static GroupRequest commit(long offset) {
        return commit("g", offset);
    }

    private static GroupRequest commit(String groupId, long offset) {
        return new GroupRequest.CommitOffsets(
                groupId, GroupRequest.MemberRef.NOBODY, List.of(new GroupRequest.OffsetCommit(ORDERS, offset, 1, "")));
    }

    private long committed(CoordinatorShard shard) throws Exception {
        GroupReply reply = ask(shard, new GroupRequest.FetchOffsets("g")).get(20, TimeUnit.SECONDS);
        assertThat(reply).isInstanceOf(GroupReply.Offsets.class);
        return ((GroupReply.Offsets) reply).offsets().get(ORDERS).offset();
    }

    /** Asks again while the shard is not awake in its new epoch yet. */
    private GroupReply untilServed(CoordinatorShard shard, GroupRequest request) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadlineNs) {
            GroupReply reply = ask(shard, request).get(20, TimeUnit.SECONDS);
            if (!(reply instanceof GroupReply.Refused refused)) {
                return reply;
            }
            assertThat(refused.code()).isIn(ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_NOT_AVAILABLE);
            Thread.onSpinWait();
        }
        throw new AssertionError("never served");
    }

    @Test
    void whatWasAnsweredIsThereForTheNextLeader() throws Exception {
        configure(0, true);
        CoordinatorShard first = shard();
        for (long offset = 1; offset <= 100; offset++) {
            assertThat(untilServed(first, commit(offset))).isInstanceOf(GroupReply.Committed.class);
        }
        assertThat(committed(first)).isEqualTo(100);
        configure(1, false);
        configure(2, true);
        assertThat(untilServed(shard(), new GroupRequest.FetchOffsets("g")))
                .isInstanceOfSatisfying(
                        GroupReply.Offsets.class,
                        offsets -> assertThat(offsets.offsets().get(ORDERS).offset())
                                .isEqualTo(100));
    }

    @Test
    void aBrokerThatDoesNotLeadSaysSo() throws Exception {
        configure(0, false);
        assertThat(ask(shard(), commit(1)).get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        GroupReply.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.NOT_COORDINATOR));
    }

    @Test
    void anAnswerWaitsForTheDiskAndEveryDecisionBeforeIt() throws Exception {
        configure(0, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        disk.capacityBytes(disk.totalBytes() - disk.usableBytes());
        CompletableFuture<GroupReply> second = ask(shard, commit(2));
        CompletableFuture<GroupReply> read = ask(shard, new GroupRequest.FetchOffsets("g"));
        CompletableFuture<Void> later = new CompletableFuture<>();
        groups.schedule(300, () -> later.complete(null));
        later.get(20, TimeUnit.SECONDS);
        assertThat(second).as("a full disk commits nothing").isNotDone();
        assertThat(read).as("nobody sees what is not committed").isNotDone();
        disk.capacityBytes(1 << 20);
        assertThat(second.get(20, TimeUnit.SECONDS)).isInstanceOf(GroupReply.Committed.class);
        assertThat(((GroupReply.Offsets) read.get(20, TimeUnit.SECONDS))
                        .offsets()
                        .get(ORDERS)
                        .offset())
                .isEqualTo(2);
    }

    @Test
    void commitsThatWaitForTheLogHaveABound() throws Exception {
        configure(0, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        disk.capacityBytes(disk.totalBytes() - disk.usableBytes());
        String text = "x".repeat(4_000);
        GroupRequest large = new GroupRequest.CommitOffsets(
                "g",
                GroupRequest.MemberRef.NOBODY,
                IntStream.range(0, 1_000)
                        .mapToObj(partition ->
                                new GroupRequest.OffsetCommit(new PartitionId(ORDERS.topic(), partition), 1, 1, text))
                        .toList());
        List<CompletableFuture<GroupReply>> replies =
                IntStream.range(0, 10).mapToObj(i -> ask(shard, large)).toList();
        // The first batch is under way, so that three commits of 4 MB are above 8 MiB.
        for (CompletableFuture<GroupReply> refused : replies.subList(3, 10)) {
            assertThat(refused.get(20, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            GroupReply.Refused.class,
                            reply -> assertThat(reply.code()).isEqualTo(ErrorCode.BUSY));
        }
        assertThat(replies.subList(0, 3)).noneMatch(CompletableFuture::isDone);
        disk.capacityBytes(64 << 20);
        for (CompletableFuture<GroupReply> taken : replies.subList(0, 3)) {
            assertThat(taken.get(20, TimeUnit.SECONDS)).isInstanceOf(GroupReply.Committed.class);
        }
    }

    @Test
    void aLostLeadershipAnswersWhatWaits() throws Exception {
        configure(0, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        disk.capacityBytes(disk.totalBytes() - disk.usableBytes());
        CompletableFuture<GroupReply> second = ask(shard, commit(2));
        configure(1, false);
        assertThat(second.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        GroupReply.Refused.class,
                        refused -> assertThat(refused.code())
                                .isIn(ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_NOT_AVAILABLE));
        disk.capacityBytes(1 << 20);
        configure(2, true);
        assertThat(((GroupReply.Offsets) untilServed(shard, new GroupRequest.FetchOffsets("g")))
                        .offsets()
                        .get(ORDERS)
                        .offset())
                .as("what was never appended is not there")
                .isEqualTo(1);
    }

    /** It had lost and regained the leadership without noticing: another leader may have decided otherwise meanwhile. */
    @Test
    void whatWasDecidedByAnEarlierLeadershipNeverGetsIntoTheLog() throws Exception {
        configure(0, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        CompletableFuture<GroupReply> stale = new CompletableFuture<>();
        // In one task, so that the shard cannot look at the leadership in between.
        groups.execute(() -> {
            begun.complete(null);
            goOn.join();
            shard.handle(commit(2), new CompletableFuture<>(), stale::complete);
        });
        begun.get(20, TimeUnit.SECONDS);
        configure(1, false);
        configure(2, true);
        PartitionRuntime partition = registry.find(OFFSETS).orElseThrow();
        while (partition.view().leaderEpoch() != 2) {
            Thread.onSpinWait();
        }
        goOn.complete(null);
        assertThat(stale.get(20, TimeUnit.SECONDS)).isInstanceOf(GroupReply.Refused.class);
        // Behind this one, the partition has seen whatever the shard had sent.
        untilServed(shard, commit("h", 1));
        configure(3, false);
        configure(4, true);
        assertThat(((GroupReply.Offsets) untilServed(shard(), new GroupRequest.FetchOffsets("g")))
                        .offsets()
                        .get(ORDERS)
                        .offset())
                .isEqualTo(1);
    }

    @Test
    void aQuestionIsNotAnsweredFromAnEarlierLeadershipThanItNames() throws Exception {
        configure(4, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        assertThat(askAsOf(4, shard)).isInstanceOf(GroupReply.Offsets.class);
        assertThat(askAsOf(5, shard))
                .isInstanceOfSatisfying(
                        GroupReply.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.NOT_COORDINATOR));
    }

    private GroupReply askAsOf(int leaderEpoch, CoordinatorShard shard) throws Exception {
        CompletableFuture<GroupReply> reply = new CompletableFuture<>();
        GroupRequest question = new GroupRequest.FetchOffsets("g");
        groups.execute(() -> shard.handleAsOf(leaderEpoch, question, new CompletableFuture<>(), reply::complete));
        return reply.get(20, TimeUnit.SECONDS);
    }

    @Test
    void ofTheTopicsThatChangeWhileItLoadsTheLastCount() throws Exception {
        configure(0, true);
        CoordinatorShard shard = shard();
        untilServed(shard, commit(1));
        PartitionConfiguration.Member self = new PartitionConfiguration.Member(SELF, 7, true, false, true);
        PartitionConfiguration.Member other = new PartitionConfiguration.Member(new BrokerId(2), 3, true, false, true);
        configure(1, 1, true, List.of(self, other));
        // Not committed without the other replica, so that loading waits for it from the next epoch on.
        CompletableFuture<GroupReply> waiting = untilTaken(shard, commit(2));
        configure(2, 2, true, List.of(self, other));
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isInstanceOf(GroupReply.Refused.class);
        CompletableFuture<GroupReply> early = untilKept(shard, commit(3));
        groups.execute(() -> shard.topicsChanged(new Topics(false)));
        groups.execute(() -> shard.topicsChanged(new Topics(true)));
        configure(2, 3, true, List.of(self));
        assertThat(early.get(20, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        GroupReply.Committed.class,
                        reply -> assertThat(reply.results().getFirst().code()).isEqualTo(ErrorCode.NONE));
    }

    /** Asks again until the shard keeps the request, as it does while it loads. */
    private CompletableFuture<GroupReply> untilKept(CoordinatorShard shard, GroupRequest request) throws Exception {
        while (true) {
            CompletableFuture<GroupReply> reply = ask(shard, request);
            CompletableFuture<Void> passed = new CompletableFuture<>();
            groups.execute(() -> passed.complete(null));
            passed.get(20, TimeUnit.SECONDS);
            if (!reply.isDone()) {
                return reply;
            }
            assertThat(reply.get()).isInstanceOf(GroupReply.Refused.class);
        }
    }

    /** Asks again until the shard decides, whose answer then waits. */
    private CompletableFuture<GroupReply> untilTaken(CoordinatorShard shard, GroupRequest request) throws Exception {
        PartitionRuntime partition = registry.find(OFFSETS).orElseThrow();
        long endBefore = partition.log().logEndOffset();
        CompletableFuture<GroupReply> reply = ask(shard, request);
        while (partition.log().logEndOffset() == endBefore) {
            if (reply.isDone()) {
                assertThat(reply.get()).isInstanceOf(GroupReply.Refused.class);
                reply = ask(shard, request);
            }
            Thread.onSpinWait();
        }
        return reply;
    }

    /** Every topic exists, or none does; nobody may subscribe to any. */
    private record Topics(boolean doAllExist) implements TopicCatalog {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Optional<Topic> find(String name) {
            return Optional.empty();
        }

        @Override
        public boolean exists(TopicId id) {
            return doAllExist;
        }

        @Override
        public boolean exists(PartitionId partition) {
            return doAllExist;
        }
    }
}
