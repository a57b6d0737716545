package io.lograft.broker.api;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.lograft.broker.api.deletion.RecordDeletions;
import io.lograft.broker.api.leadership.FencingHistory;
import io.lograft.broker.api.leadership.LeadershipOperations;
import io.lograft.broker.api.quorum.QuorumAdmin;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.transport.RequestGuard;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.proto.v1.ChangeVotersResponse;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of administrators from the bytes on, as gRPC hands them over: through the guard against malformed messages and
 * the service to the rules of the metadata. The first byte says which method. Each call has to be answered, with a message
 * or with a status that is none of the server's own faults.
 */
public final class AdminRequestFuzz {
    private static final Set<Status.Code> FAULTS =
            Set.of(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS);
    private static final int EXPANDED_BYTES = 16 << 20;

    private AdminRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        ServerServiceDefinition service = RequestGuard.around(service().bindService());
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>(service.getMethods());
        methods.sort(Comparator.comparing(method -> method.getMethodDescriptor().getFullMethodName()));
        ServerMethodDefinition<?, ?> method = methods.get(Math.floorMod(input[0], methods.size()));
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES, () -> call(method, bytes));
    }

    private static AdminServiceApi service() {
        ClusterFixture cluster = new ClusterFixture();
        return new AdminServiceApi(
                cluster,
                new TopicDefaults(4, 3, 2, FlushMode.OS),
                new QuorumAdmin(
                        new Facts(cluster),
                        change -> CompletableFuture.completedFuture(ChangeVotersResponse.getDefaultInstance()),
                        broker -> Optional.empty()),
                new LeadershipOperations(cluster, cluster, new FencingHistory()),
                new RecordDeletions(
                        cluster,
                        new PartitionRegistry(),
                        () -> CompletableFuture.completedFuture(null),
                        broker -> Optional.empty()));
    }

    private static <Q, R> void call(ServerMethodDefinition<Q, R> method, byte[] bytes) {
        Call<Q, R> call = new Call<>(method.getMethodDescriptor());
        ServerCall.Listener<Q> listener = method.getServerCallHandler().startCall(call, new Metadata());
        listener.onReady();
        listener.onMessage(method.getMethodDescriptor().parseRequest(new ByteArrayInputStream(bytes)));
        listener.onHalfClose();
        FuzzChecks.check(call.status != null, method.getMethodDescriptor().getFullMethodName() + " gave no answer");
        FuzzChecks.check(
                !FAULTS.contains(call.status.getCode()),
                method.getMethodDescriptor().getFullMethodName() + " ended with " + call.status);
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

    private static final class Call<Q, R> extends ServerCall<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private Status status;

        Call(MethodDescriptor<Q, R> method) {
            this.method = method;
        }

        @Override
        public void request(int count) {
            // The one message that there is was given already.
        }

        @Override
        public void sendHeaders(Metadata headers) {
            // Of no use here.
        }

        @Override
        public void sendMessage(R message) {
            FuzzChecks.check(status == null, "a message after the end");
        }

        @Override
        public void close(Status end, Metadata trailers) {
            FuzzChecks.check(status == null, "a second end");
            status = end;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<Q, R> getMethodDescriptor() {
            return method;
        }
    }
}
