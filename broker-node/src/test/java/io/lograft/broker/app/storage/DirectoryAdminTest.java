package io.lograft.broker.app.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.CollectedFailures;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.runtime.UnansweredProposals;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ReplicateRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an administrator is told of a real directory without replicas. */
final class DirectoryAdminTest {
    private static final BrokerId SELF = new BrokerId(1);
    /** So that no timer of the loop is ever due. */
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

    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 1, new RetentionPace(300_000, () -> true));

    @TempDir
    Path root;

    private final LinkedBlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();
    private final EventLoopGroup loops = new EventLoopGroup("loop", 1, STOPPED, 100, broken::add);
    private final Workers storage = new Workers("storage", 1, broken::add);
    private LogStorages storages;

    private DirectoryAdmin admin() throws IOException {
        storages = LogStorages.open(SELF, List.of(root), new OpenFiles(64));
        EventLoop loop = loops.all().get(0);
        PartitionRegistry registry = new PartitionRegistry();
        DiskRoom room = new DiskRoom();
        Ports ports = new Ports(
                new ReplicationServer(() -> "cluster", registry),
                new LeaderConnections(loop, null, registry, ReplicateRequest.Hello::getDefaultInstance),
                new UnansweredProposals(reason -> {}),
                storage,
                new CollectedFailures(broken::add),
                room,
                BrokerMetrics.NONE);
        LogStorage only = storages.opened().get(0);
        ReplicaHost replicas = new ReplicaHost(
                only.directory(),
                new ReplicaHost.Setup(loops, storage, storage, STOPPED, SETTINGS, broken::add),
                registry,
                ports);
        DirectoryHosts hosts = new DirectoryHosts(SELF, null, loop, storages, broken::add);
        hosts.add(new DirectoryHosts.Host(only, replicas, room));
        return new DirectoryAdmin(storages, hosts, new DirectoryMoves(SELF, null, loop, hosts, 1, broken::add));
    }

    @AfterEach
    void stop() {
        loops.close();
        storage.close();
        storages.close();
        assertThat(broken).isEmpty();
    }

    @Test
    void aDirectoryInOrderIsOnline() throws Exception {
        assertThat(admin().directories().get(10, TimeUnit.SECONDS))
                .singleElement()
                .satisfies(directory -> {
                    assertThat(directory.path()).isEqualTo(root.toString());
                    assertThat(directory.replicaCount()).isZero();
                    assertThat(directory.totalBytes()).isPositive();
                });
    }

    /** A call that came while the broker stopped got no answer, or took gRPC's own error for a fault of the server. */
    @Test
    void aDirectoryThatCannotBeAskedAnyMoreIsAFailure() throws IOException {
        DirectoryAdmin admin = admin();
        storage.close();
        assertThatThrownBy(() -> admin.directories().get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
    }
}
