package io.lograft.broker.replica.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.gateway.FakeCall;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.Follow;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.proto.v1.StreamKind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a leader's end of the streams makes of bad messages. */
final class ReplicationServerTest {
    private final List<ReplicaEvent> events = new ArrayList<>();
    private final ReplicationServer server = new ReplicationServer(() -> "cluster", this::deliver);

    private boolean deliver(PartitionId partition, ReplicaEvent event) {
        events.add(event);
        return true;
    }

    @Test
    void aFollowerWithAnImpossibleIdIsRefused() {
        byte[] hello = ReplicateRequest.newBuilder()
                .setHello(ReplicateRequest.Hello.newBuilder()
                        .setClusterId("cluster")
                        .setBrokerId(-1)
                        .setKind(StreamKind.STREAM_KIND_IN_SYNC))
                .build()
                .toByteArray();
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(new byte[] {0, 0, (byte) hello.length});
        input.writeBytes(hello);
        // Which fails where the call ends with a fault of the server.
        new FuzzedService(server.bindService(), () -> {}).call(input.toByteArray());
        assertThat(events).isEmpty();
        assertThat(server.stream(1)).isEmpty();
    }

    /** A partition's loop that sends at the same moment must not find a call that has ended behind an open stream. */
    @Test
    void aStreamIsClosedBeforeItsCallIsRefused() {
        FakeCall<ReplicateResponse> call = new FakeCall<>();
        StreamObserver<ReplicateRequest> stream = server.replicate(call);
        stream.onNext(ReplicateRequest.newBuilder()
                .setHello(ReplicateRequest.Hello.newBuilder()
                        .setClusterId("cluster")
                        .setBrokerId(2)
                        .setKind(StreamKind.STREAM_KIND_IN_SYNC))
                .build());
        assertThat(call.sent).hasSize(1);
        FollowerStream open = server.stream(1).orElseThrow();
        var unused = call.done.whenComplete((nothing, refused) -> {
            open.add(Following.getDefaultInstance());
            open.flush();
        });
        stream.onNext(ReplicateRequest.newBuilder()
                .addFollows(Follow.newBuilder().setPartition(-1))
                .build());
        assertThat(call.done).isCompletedExceptionally();
        assertThat(call.sent).hasSize(1);
    }
}
