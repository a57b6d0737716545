package io.lograft.broker.replica.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.FlushRound;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.ForwardingStore;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The host's own work on a directory in memory; the replicas have no leader and do nothing. */
class ReplicaHostTest {
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 2, new RetentionPace(300_000, () -> true));
    private static final BrokerId SELF = new BrokerId(1);
    private static final TopicPartition NAME = new TopicPartition("orders", 0);
    private static final PartitionId OLD = new PartitionId(new TopicId(1, 1), 0);
    private static final PartitionId NEW = new PartitionId(new TopicId(1, 2), 0);

    private final LinkedBlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();
    private final FaultyFileStore store = new FaultyFileStore();
    private final PartitionRegistry registry = new PartitionRegistry();
    private final EventLoopGroup loops = new EventLoopGroup("partition", 1, Clock.SYSTEM, 100, broken::add);
    private final EventLoop metadata = new EventLoop("metadata", Clock.SYSTEM, 100, broken::add);
    private final Workers storage = new Workers("storage", 1, broken::add);
    private final Workers flushes = new Workers("flush", 2, broken::add);
    private final ReplicaHost host = new ReplicaHost(
            directory(),
            new ReplicaHost.Setup(loops, storage, flushes, Clock.SYSTEM, SETTINGS, broken::add),
            registry,
            ports(new DiskRoom()));

    private Ports ports(DiskRoom room) {
        return new Ports(
                new ReplicationServer(() -> "cluster", registry),
                new LeaderConnections(metadata, null, registry, ReplicateRequest.Hello::getDefaultInstance),
                new NoProposals(),
                storage,
                new CollectedFailures(broken::add),
                room,
                BrokerMetrics.NONE);
    }

    private static final class NoProposals implements ClusterProposals {
        @Override
        public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {
            throw new IllegalStateException("nobody leads here");
        }

        @Override
        public void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request) {
            throw new IllegalStateException("nobody leads here");
        }

        @Override
        public void replicaFailed(PartitionId partition, String reason) {
            throw new IllegalStateException(reason);
        }
    }

    private LogDirectory directory() {
        try {
            return LogDirectory.open(store, "boot");
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @AfterEach
    void stop() {
        loops.close();
        metadata.close();
        storage.close();
        flushes.close();
        assertThat(broken).isEmpty();
    }

    private static ReplicaSpec spec(PartitionId id) {
        return spec(id, 5, true, 0);
    }

    private static ReplicaSpec spec(PartitionId id, long brokerEpoch, boolean isInSync, int partitionEpoch) {
        return spec(id, NAME, brokerEpoch, isInSync, partitionEpoch);
    }

    private static ReplicaSpec spec(
            PartitionId id, TopicPartition name, long brokerEpoch, boolean isInSync, int partitionEpoch) {
        PartitionConfiguration leaderless = new PartitionConfiguration(
                SELF,
                brokerEpoch,
                Optional.empty(),
                0,
                partitionEpoch,
                List.of(new PartitionConfiguration.Member(SELF, brokerEpoch, isInSync, false, true)),
                1,
                FlushMode.COMMIT,
                -1);
        return new ReplicaSpec(id, name, LogConfig.DEFAULTS, ProduceRules.of(1 << 20), leaderless);
    }

    /** What was asked of the host before is done, but for what waits for a partition's loop. */
    private void awaitStorage() throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        // Twice, as new logs are made after what was asked for by then.
        storage.execute(() -> storage.execute(() -> passed.complete(null)));
        passed.get(10, TimeUnit.SECONDS);
    }

    private void awaitLoop() throws Exception {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        loops.all().get(0).execute(() -> passed.complete(null));
        passed.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aReplicaThatWasGivenUpIsMadeAnewOnceNobodyCountsOnIt() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        PartitionRuntime damaged = registry.find(OLD).orElseThrow();
        host.giveUp(OLD, "bits flipped").get(10, TimeUnit.SECONDS);
        assertMadeAnew(damaged, spec(OLD, 8, false, 0), false);
        host.letBeMadeAnew(OLD, 5);
        assertMadeAnew(damaged, spec(OLD, 5, true, 1), false);
        // The leader may have taken it out as it fell behind; what the leader knows of it is not void yet.
        assertMadeAnew(damaged, spec(OLD, 5, false, 2), false);
        assertMadeAnew(damaged, spec(OLD, 9, true, 3), false);
        assertMadeAnew(damaged, spec(OLD, 9, false, 4), true);
        PartitionRuntime fresh = registry.find(OLD).orElseThrow();
        assertMadeAnew(fresh, spec(OLD, 12, false, 5), false);
        assertThat(fresh.log().logEndOffset()).isZero();
    }

    private void assertMadeAnew(PartitionRuntime former, ReplicaSpec spec, boolean isMadeAnew) throws Exception {
        host.configure(spec);
        awaitStorage();
        awaitLoop();
        awaitStorage();
        assertThat(registry.find(OLD)).get().matches(found -> (found != former) == isMadeAnew, "made anew");
    }

    @Test
    void logsAreOpenedAndClosedSeveralAtATime() throws Exception {
        FaultyFileStore another = new FaultyFileStore();
        try (LogDirectory before = LogDirectory.open(another, "boot")) {
            before.beginWriting();
            for (int i = 0; i < 4; i++) {
                TopicPartition name = new TopicPartition("orders", i);
                before.createPartition(name, OLD.topic(), FlushMode.COMMIT, LogConfig.DEFAULTS)
                        .closeCleanly();
            }
        }
        try (LogDirectory again = LogDirectory.open(another, "boot")) {
            ReplicaHost several = new ReplicaHost(
                    again,
                    new ReplicaHost.Setup(loops, storage, storage, Clock.SYSTEM, SETTINGS, broken::add),
                    registry,
                    ports(new DiskRoom()));
            CyclicBarrier bothAtWork = new CyclicBarrier(2);
            ReplicaHost.Recovered recovered = several.recover(name -> {
                        await(bothAtWork);
                        return LogConfig.DEFAULTS;
                    })
                    .get(20, TimeUnit.SECONDS);
            assertThat(recovered.logs()).hasSize(4);
            several.stopCleanly().get(10, TimeUnit.SECONDS);
            assertThat(another.exists(".clean-shutdown")).isTrue();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
            throw new IllegalStateException("no second log was opened meanwhile", alone);
        }
    }

    @Test
    void aDirectoryThatCannotBeReadFailsTheStart() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        host.stopCleanly().get(10, TimeUnit.SECONDS);
        try (LogDirectory again = directory()) {
            ReplicaHost second = new ReplicaHost(
                    again,
                    new ReplicaHost.Setup(loops, storage, storage, Clock.SYSTEM, SETTINGS, broken::add),
                    registry,
                    ports(new DiskRoom()));
            CompletableFuture<ReplicaHost.Recovered> failed = second.recover(name -> {
                throw new UncheckedIOException(new IOException("no"));
            });
            assertThat(failed).failsWithin(10, TimeUnit.SECONDS);
            assertThat(broken.poll(10, TimeUnit.SECONDS)).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void aCleanStopWithADamagedReplicaIsNotRecordedAsOne() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        host.giveUp(OLD, "bits flipped").get(10, TimeUnit.SECONDS);
        host.stopCleanly().get(10, TimeUnit.SECONDS);
        assertThat(store.exists(".clean-shutdown")).isFalse();
    }

    @Test
    void aTopicMadeAnewWaitsUntilTheFilesOfTheOldOneAreGone() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        assertThat(registry.find(OLD)).isPresent();
        // The partition's loop is busy, so the old replica cannot stop before the new one is wanted.
        CompletableFuture<Void> busy = new CompletableFuture<>();
        loops.all().get(0).execute(busy::join);
        host.remove(OLD, NAME);
        host.configure(spec(NEW));
        awaitStorage();
        assertThat(registry.find(NEW)).as("its name is taken still").isEmpty();
        busy.complete(null);
        awaitLoop();
        awaitStorage();
        assertThat(registry.find(OLD)).isEmpty();
        assertThat(registry.find(NEW))
                .get()
                .satisfies(made -> assertThat(made.log().topicId()).isEqualTo(NEW.topic()));
    }

    @Test
    void aStopIsNotCleanWhileALogThatIsOnItsWayOutIsNotFlushed() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        CompletableFuture<Void> busy = new CompletableFuture<>();
        loops.all().get(0).execute(busy::join);
        host.remove(OLD, NAME);
        host.stopCleanly().get(10, TimeUnit.SECONDS);
        assertThat(store.exists(".clean-shutdown")).isFalse();
        busy.complete(null);
        awaitLoop();
        awaitStorage();
    }

    @Test
    void aStopIsCleanOnceAllLogsAreFlushed() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        host.stopCleanly().get(10, TimeUnit.SECONDS);
        assertThat(store.exists(".clean-shutdown")).isTrue();
    }

    /** A broker that is killed, starts, and is stopped before it has heard what its replicas are. */
    @Test
    void aLogOnWhichNoReplicaRanIsRecordedByACleanStopAsItWasFound() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        host.configure(spec(OLD));
        awaitStorage();
        PartitionRuntime runtime = registry.find(OLD).orElseThrow();
        runtime.withLog((log, highWatermark) -> appendTwoSegments(log)).get(10, TimeUnit.SECONDS);
        host.checkpoint().get(10, TimeUnit.SECONDS);
        runtime.withLog((log, highWatermark) -> deleteFirstSegment(log)).get(10, TimeUnit.SECONDS);
        FaultyFileStore killed = store.copy();
        ReplicaHost second = new ReplicaHost(
                LogDirectory.open(killed, "boot"),
                new ReplicaHost.Setup(loops, storage, storage, Clock.SYSTEM, SETTINGS, broken::add),
                new PartitionRegistry(),
                ports(new DiskRoom()));
        second.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        second.stopCleanly().get(10, TimeUnit.SECONDS);
        try (LogDirectory third = LogDirectory.open(killed, "boot")) {
            PartitionLog log = third.openPartition(NAME, LogConfig.DEFAULTS, 0);
            assertThat(log.logStartOffset()).isEqualTo(1);
            log.abandon();
        }
    }

    private static Object appendTwoSegments(PartitionLog log) throws IOException {
        log.reconfigure(LogConfig.DEFAULTS.withSegmentBytes(1_024));
        for (int i = 0; i < 2; i++) {
            BatchBuilder builder = new BatchBuilder(2_000);
            builder.append(1_000, null, new byte[900]);
            log.appendAsLeader(ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE))), 0, 1_000);
        }
        FlushRound round = log.beginFlush();
        round.run();
        return log.completeFlush(round);
    }

    private static Object deleteFirstSegment(PartitionLog log) throws IOException {
        assertThat(log.advanceLogStart(1)).isTrue();
        for (Deletion segment : log.takeDiscarded()) {
            segment.run();
        }
        return log.segments();
    }

    @Test
    void aReplicaThatIsRemovedBeforeItsLogWasMadeIsNotMadeAnyMore() throws Exception {
        host.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        CompletableFuture<Void> isAsked = new CompletableFuture<>();
        storage.execute(isAsked::join);
        host.configure(spec(OLD));
        host.remove(OLD, NAME);
        isAsked.complete(null);
        awaitStorage();
        assertThat(registry.all()).isEmpty();
        assertThat(store.exists(NAME.toString())).isFalse();
    }

    /** A disk that takes long to delete the files of replicas that are gone, or fails to. */
    private static final class SlowDeletes extends ForwardingStore {
        private final FaultyFileStore files;
        private final CompletableFuture<Void> begun = new CompletableFuture<>();
        private final CompletableFuture<Void> let = new CompletableFuture<>();
        private final AtomicInteger deleted = new AtomicInteger();
        private final AtomicBoolean isStuck = new AtomicBoolean();
        private final LinkedBlockingQueue<String> gone = new LinkedBlockingQueue<>();

        SlowDeletes(FaultyFileStore files) {
            super(files);
            this.files = files;
        }

        @Override
        public boolean delete(String path) throws IOException {
            if (path.contains("-delete/")) {
                boolean fails = isStuck.get();
                begun.complete(null);
                let.join();
                if (fails) {
                    throw new IOException(path + ": not permitted (as ordered)");
                }
                deleted.incrementAndGet();
            }
            boolean isDeleted = files.delete(path);
            if (path.endsWith("-delete")) {
                gone.add(path);
            }
            return isDeleted;
        }

        void awaitGone(PartitionId replica) throws Exception {
            assertThat(gone.poll(10, TimeUnit.SECONDS)).isEqualTo(renamed(replica));
            assertThat(files.list("")).doesNotContain(renamed(replica));
        }
    }

    private static String renamed(PartitionId replica) {
        return NAME + "." + replica.topic() + "-delete";
    }

    private ReplicaHost hostOn(FileStore files) throws IOException {
        return new ReplicaHost(
                LogDirectory.open(files, "boot"),
                new ReplicaHost.Setup(loops, storage, flushes, Clock.SYSTEM, SETTINGS, broken::add),
                registry,
                ports(new DiskRoom()));
    }

    @Test
    void othersHearOfTheMetadataWhileTheFilesOfADroppedReplicaAreDeleted() throws Exception {
        SlowDeletes disk = new SlowDeletes(new FaultyFileStore());
        ReplicaHost slow = hostOn(disk);
        slow.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        TopicPartition otherName = new TopicPartition("other", 0);
        PartitionId other = new PartitionId(new TopicId(1, 3), 0);
        slow.configure(spec(OLD));
        slow.configure(spec(other, otherName, 5, true, 0));
        awaitStorage();
        slow.remove(OLD, NAME);
        disk.begun.get(10, TimeUnit.SECONDS);
        try {
            slow.configure(spec(other, otherName, 5, true, 1));
            slow.configure(spec(NEW));
            awaitStorage();
            slow.checkpoint().get(10, TimeUnit.SECONDS);
            assertThat(registry.find(NEW)).as("made under the name meanwhile").isPresent();
            assertThat(disk.list("")).contains(renamed(OLD));
        } finally {
            disk.let.complete(null);
        }
        disk.awaitGone(OLD);
        assertThat(disk.list("")).contains(NAME.toString(), "other-0");
        slow.stopCleanly().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aStopWaitsForTheFileThatIsBeingDeletedAndLeavesTheOthersToTheNextStart() throws Exception {
        FaultyFileStore files = new FaultyFileStore();
        SlowDeletes disk = new SlowDeletes(files);
        ReplicaHost slow = hostOn(disk);
        slow.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        slow.configure(spec(OLD));
        awaitStorage();
        slow.remove(OLD, NAME);
        disk.begun.get(10, TimeUnit.SECONDS);
        CompletableFuture<Void> stopped = slow.stopCleanly();
        awaitStorage();
        assertThat(stopped).as("a file is being deleted under the lock").isNotDone();
        disk.let.complete(null);
        stopped.get(10, TimeUnit.SECONDS);
        assertThat(disk.deleted).hasValue(1);
        assertThat(files.exists(".clean-shutdown")).isTrue();
        assertThat(files.list("")).contains(renamed(OLD));
        ReplicaHost next = hostOn(disk);
        next.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        disk.awaitGone(OLD);
        next.stopCleanly().get(10, TimeUnit.SECONDS);
    }

    @Test
    void whatAKilledProcessHadRenamedTheNextOneDeletes() throws Exception {
        FaultyFileStore files = new FaultyFileStore();
        SlowDeletes disk = new SlowDeletes(files);
        ReplicaHost killed = hostOn(disk);
        killed.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        killed.configure(spec(OLD));
        awaitStorage();
        killed.remove(OLD, NAME);
        disk.begun.get(10, TimeUnit.SECONDS);
        SlowDeletes left = new SlowDeletes(files.copy());
        disk.let.complete(null);
        disk.awaitGone(OLD);
        left.let.complete(null);
        assertThat(left.list("")).contains(renamed(OLD));
        ReplicaHost next = hostOn(left);
        assertThat(next.recover(name -> LogConfig.DEFAULTS)
                        .get(10, TimeUnit.SECONDS)
                        .logs())
                .isEmpty();
        left.awaitGone(OLD);
    }

    @Test
    void copiesThatAreOfNoUseAreDeletedInTheBackground() throws Exception {
        FaultyFileStore files = new FaultyFileStore();
        String unfinished = NAME + "." + NEW.topic() + "-copying";
        String unwanted = NAME + "." + OLD.topic() + "-future";
        for (String copy : List.of(unfinished, unwanted)) {
            files.createDirectory(copy);
            files.open(copy + "/file", FileStore.OpenMode.REPLACE).close();
        }
        SlowDeletes disk = new SlowDeletes(files);
        ReplicaHost slow = hostOn(disk);
        slow.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        disk.begun.get(10, TimeUnit.SECONDS);
        slow.forgetArrival(OLD, NAME);
        try {
            awaitStorage();
            assertThat(disk.list("")).contains(renamed(OLD), renamed(NEW)).doesNotContain(unfinished, unwanted);
        } finally {
            disk.let.complete(null);
        }
        disk.awaitGone(NEW);
        disk.awaitGone(OLD);
        slow.stopCleanly().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aFileThatCannotBeDeletedStopsNothingAndIsTriedAgainWithTheNextReplica() throws Exception {
        SlowDeletes disk = new SlowDeletes(new FaultyFileStore());
        disk.isStuck.set(true);
        disk.let.complete(null);
        ReplicaHost stuck = hostOn(disk);
        stuck.recover(name -> LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
        stuck.configure(spec(OLD));
        awaitStorage();
        stuck.remove(OLD, NAME);
        disk.begun.get(10, TimeUnit.SECONDS);
        stuck.configure(spec(NEW));
        awaitStorage();
        assertThat(registry.find(NEW)).isPresent();
        disk.isStuck.set(false);
        stuck.remove(NEW, NAME);
        disk.awaitGone(OLD);
        disk.awaitGone(NEW);
        assertThat(broken).as("the directory has not failed").isEmpty();
        stuck.stopCleanly().get(10, TimeUnit.SECONDS);
    }
}
