package io.lograft.broker.app.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.app.storage.DirectoryHosts.Host;
import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.CollectedFailures;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.runtime.UnansweredProposals;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReplicateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas in two real directories, each with its thread. */
final class DirectoryHostsTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final TopicPartition NAME = new TopicPartition("orders", 0);
    private static final PartitionId ID = new PartitionId(new TopicId(1, 1), 0);
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 1, new RetentionPace(300_000, () -> true));

    /** So that no timer of the metadata loop is ever due. */
    private static final Clock STOPPED = new Clock() {
        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public long wallMs() {
            return 0;
        }
    };

    @TempDir
    Path root;

    private final LinkedBlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();
    private final EventLoopGroup loops = new EventLoopGroup("loop", 1, Clock.SYSTEM, 100, broken::add);
    private final EventLoop metadata = new EventLoop("metadata", STOPPED, 100, broken::add);
    private final PartitionRegistry registry = new PartitionRegistry();
    private final List<Workers> threads = new ArrayList<>();
    private final List<Host> directories = new ArrayList<>();
    private LogStorages storages;
    private DirectoryHosts hosts;

    @BeforeEach
    void start() throws Exception {
        List<Path> paths = List.of(Files.createDirectory(root.resolve("a")), Files.createDirectory(root.resolve("b")));
        storages = LogStorages.open(SELF, paths, new OpenFiles(64));
        hosts = new DirectoryHosts(SELF, null, metadata, storages, broken::add);
        for (LogStorage storage : storages.opened()) {
            Workers thread = new Workers("storage", 1, broken::add);
            threads.add(thread);
            DiskRoom room = new DiskRoom();
            Ports ports = new Ports(
                    new ReplicationServer(() -> "cluster", registry),
                    new LeaderConnections(metadata, null, registry, ReplicateRequest.Hello::getDefaultInstance),
                    new UnansweredProposals(reason -> {}),
                    thread,
                    new CollectedFailures(broken::add),
                    room,
                    BrokerMetrics.NONE);
            ReplicaHost replicas = new ReplicaHost(
                    storage.directory(),
                    new ReplicaHost.Setup(loops, thread, flushes(), Clock.SYSTEM, SETTINGS, broken::add),
                    registry,
                    ports);
            Host host = new Host(storage, replicas, room);
            directories.add(host);
            hosts.add(host);
        }
        hosts.recover(LogConfig.DEFAULTS).get(10, TimeUnit.SECONDS);
    }

    private Workers flushes() {
        Workers flushes = new Workers("flush", 1, broken::add);
        threads.add(flushes);
        return flushes;
    }

    @AfterEach
    void stop() throws IOException {
        loops.close();
        metadata.close();
        threads.forEach(Workers::close);
        storages.close();
        assertThat(broken).isEmpty();
    }

    private static ReplicaSpec spec(int partitionEpoch) {
        PartitionConfiguration leaderless = new PartitionConfiguration(
                SELF,
                5,
                Optional.empty(),
                0,
                partitionEpoch,
                List.of(new PartitionConfiguration.Member(SELF, 5, false, false, true)),
                1,
                FlushMode.COMMIT,
                -1);
        return new ReplicaSpec(ID, NAME, LogConfig.DEFAULTS, ProduceRules.of(1 << 20), leaderless);
    }

    private void configure(int directory, int partitionEpoch) throws Exception {
        DirectoryId named = directories.get(directory).id();
        onMetadata(() -> hosts.configure(spec(partitionEpoch), named));
    }

    private void onMetadata(Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        metadata.execute(() -> {
            task.run();
            done.complete(null);
        });
        done.get(10, TimeUnit.SECONDS);
    }

    /** What was asked of that directory before is done, and what follows from it. */
    private void await(int directory) throws Exception {
        for (int i = 0; i < 4; i++) {
            directories.get(directory).replicas().onDirectory(() -> {}).get(10, TimeUnit.SECONDS);
            CompletableFuture<Void> passed = new CompletableFuture<>();
            loops.all().get(0).execute(() -> passed.complete(null));
            passed.get(10, TimeUnit.SECONDS);
        }
    }

    private boolean runsIn(int directory) {
        return directories.get(directory).replica(ID).isPresent();
    }

    /** Dropped by one reassignment and given back by the next, into another directory, while the first one's disk is slow. */
    @Test
    void aReplicaBeginsNowhereBeforeItHasEndedElsewhere() throws Exception {
        configure(0, 0);
        await(0);
        assertThat(runsIn(0)).isTrue();
        CompletableFuture<Void> slow = new CompletableFuture<>();
        directories.get(0).replicas().onDirectory(slow::join);
        onMetadata(() -> hosts.remove(ID, NAME));
        configure(1, 3);
        configure(1, 4);
        await(1);
        assertThat(runsIn(1)).isFalse();
        slow.complete(null);
        await(0);
        await(1);
        assertThat(runsIn(0)).isFalse();
        assertThat(runsIn(1)).isTrue();
        assertThat(registry.find(ID)).isPresent();
    }

    @Test
    void aReplicaThatWaitsForItsEndElsewhereIsNotMadeOnceItIsDropped() throws Exception {
        configure(0, 0);
        await(0);
        CompletableFuture<Void> slow = new CompletableFuture<>();
        directories.get(0).replicas().onDirectory(slow::join);
        onMetadata(() -> hosts.remove(ID, NAME));
        configure(1, 3);
        onMetadata(() -> hosts.remove(ID, NAME));
        slow.complete(null);
        await(0);
        await(1);
        assertThat(runsIn(0)).isFalse();
        assertThat(runsIn(1)).isFalse();
        assertThat(registry.find(ID)).isEmpty();
    }
}
