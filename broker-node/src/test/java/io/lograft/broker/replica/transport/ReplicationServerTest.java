package io.lograft.broker.replica.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.ReplicateRequest;
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
}
