package io.lograft.client.transport;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.lograft.client.core.produce.ProducerBatch;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.WireBytes;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * The stream of batches to one broker. What is added goes out at {@link #flush}, several batches to a message, as far
 * as flow control lets it. Owned by: client loop.
 */
final class ProduceStream extends ClientCall.Listener<ProduceResponse> {
    private static final int MESSAGE_BYTES_TARGET = 1 << 20;
    private static final int ANSWERS_ASKED = 64;

    private final ProducerRuntime runtime;
    private final int broker;
    private final ClientCall<ProduceRequest, ProduceResponse> call;
    private final ArrayDeque<ProduceBatch> outbox = new ArrayDeque<>();
    private final Map<Long, Sent> sent = new HashMap<>();
    private long correlationId;
    private boolean isFinishing;
    private boolean isClosed;

    /** A copy of a batch that was sent and not answered. */
    record Sent(PartitionLane lane, ProducerBatch batch, long senderCorrelationId) {}

    ProduceStream(ProducerRuntime runtime, int broker, Channel channel) {
        this.runtime = runtime;
        this.broker = broker;
        this.call = channel.newCall(
                ProduceServiceGrpc.getProduceMethod(),
                CallOptions.DEFAULT.withOnReadyThreshold(ClientLoop.ON_READY_THRESHOLD_BYTES));
    }

    int broker() {
        return broker;
    }

    void open() {
        call.start(this, new io.grpc.Metadata());
        call.request(ANSWERS_ASKED);
    }

    /** Adds a batch behind all that was added before. */
    void add(PartitionLane lane, ProducerBatch batch, int leaderEpoch) {
        ProducerSettings settings = runtime.settings();
        long id = correlationId++;
        if (settings.sender().isAnswered()) {
            sent.put(id, new Sent(lane, batch, batch.correlationId()));
        }
        outbox.add(ProduceBatch.newBuilder()
                .setCorrelationId(id)
                .setTopicId(WireBytes.topicId(lane.topicId()))
                .setPartition(lane.partition().partition())
                .setCurrentLeaderEpoch(leaderEpoch)
                .setAcks(settings.acks())
                .setTimeoutMs(settings.requestTimeoutMs())
                .setRecords(UnsafeByteOperations.unsafeWrap(batch.bytes()))
                .build());
    }

    /** Sends what was added, as far as the stream takes it now; the rest follows by itself. */
    void flush() {
        while (!isClosed && !outbox.isEmpty() && call.isReady()) {
            ProduceRequest.Builder request = ProduceRequest.newBuilder();
            int bytes = 0;
            while (!outbox.isEmpty() && (bytes == 0 || bytes + sizeOf(outbox.peek()) <= MESSAGE_BYTES_TARGET)) {
                ProduceBatch batch = outbox.poll();
                bytes += sizeOf(batch);
                request.addBatches(batch);
            }
            call.sendMessage(request.build());
        }
        if (isFinishing && !isClosed && outbox.isEmpty()) {
            isFinishing = false;
            call.halfClose();
        }
    }

    /** Sends what was added, then ends the sending side; the broker ends the stream once it has all of it. */
    void finish() {
        isFinishing = true;
        flush();
    }

    void cancel(String why) {
        call.cancel(why, null);
    }

    private static int sizeOf(ProduceBatch batch) {
        return batch.getRecords().size();
    }

    @Override
    public void onReady() {
        flush();
    }

    @Override
    public void onMessage(ProduceResponse response) {
        call.request(1);
        for (ProduceResult result : response.getResultsList()) {
            Sent answered = sent.remove(result.getCorrelationId());
            if (answered != null) {
                runtime.onResult(answered, result);
            }
        }
        runtime.flushStreams();
    }

    @Override
    public void onClose(Status status, io.grpc.Metadata trailers) {
        isClosed = true;
        outbox.clear();
        sent.clear();
        runtime.streamClosed(this, Calls.failure(status.asRuntimeException(trailers)));
    }
}
