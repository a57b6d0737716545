package io.lograft.broker.api;

import io.lograft.broker.api.deletion.RecordDeletions;
import io.lograft.broker.api.leadership.AssignmentOperations;
import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.broker.api.quorum.QuorumAdmin;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.proto.v1.ChangeVotersResponse;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of administrators from the bytes on, as gRPC hands them over: through the guard against malformed messages and
 * the service to the rules of the metadata. See {@link FuzzedService}.
 */
public final class AdminRequestFuzz {
    private static final int EXPANDED_BYTES = 16 << 20;

    private AdminRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(
                input.length, EXPANDED_BYTES, () -> new FuzzedService(service().bindService(), () -> {}).call(input));
    }

    private static AdminServiceApi service() {
        ClusterFixture cluster = new ClusterFixture();
        cluster.topic("orders", 2);
        return new AdminServiceApi(
                cluster,
                new TopicDefaults(4, 3, 2, FlushMode.OS),
                new QuorumAdmin(
                        new Facts(cluster),
                        change -> CompletableFuture.completedFuture(ChangeVotersResponse.getDefaultInstance()),
                        broker -> Optional.empty()),
                new LeadershipOperations(cluster, cluster, new FencingHistory()),
                new AssignmentOperations(cluster, cluster),
                new RecordDeletions(
                        cluster,
                        new PartitionRegistry(),
                        () -> CompletableFuture.completedFuture(null),
                        broker -> Optional.empty()));
    }

    private record Facts(ClusterFixture cluster) implements QuorumAdmin.Facts {
        @Override
        public BrokerId self() {
            return cluster.self();
        }

        @Override
        public Optional<BrokerId> controller() {
            return cluster.controller();
        }

        @Override
        public Optional<QuorumStatus> status() {
            return Optional.empty();
        }

        @Override
        public Set<BrokerId> stalled() {
            return Set.of();
        }
    }
}
