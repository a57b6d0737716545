package io.lograft.client.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.lograft.client.core.fetch.FetchCredit;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchResponse;
import io.lograft.proto.v1.FetchServiceGrpc;
import io.lograft.proto.v1.FetchedPartition;

/** The fetch session with one broker. Changes are gathered and sent at {@link #flush}. Owned by: client loop. */
final class FetchStream extends ClientCall.Listener<FetchResponse> {
    private static final int MESSAGES_ASKED = 4;

    private final ConsumerRuntime runtime;
    private final int broker;
    private final FetchCredit credit;
    private final ClientCall<FetchRequest, FetchResponse> call;
    private FetchRequest.Builder next;
    private boolean isClosed;

    FetchStream(ConsumerRuntime runtime, int broker, Channel channel, FetchCredit credit, int maxPartitionBytes) {
        this.runtime = runtime;
        this.broker = broker;
        this.credit = credit;
        this.call = channel.newCall(FetchServiceGrpc.getFetchMethod(), CallOptions.DEFAULT);
        this.next = FetchRequest.newBuilder().setCreditBytes(credit.open()).setMaxPartitionBytes(maxPartitionBytes);
    }

    int broker() {
        return broker;
    }

    void open() {
        call.start(this, new io.grpc.Metadata());
        call.request(MESSAGES_ASKED);
    }

    /** The request that goes out next, to be added to. */
    FetchRequest.Builder next() {
        if (next == null) {
            next = FetchRequest.newBuilder();
        }
        return next;
    }

    /** Bytes were taken by the application or dropped. */
    void consumed(long bytes) {
        long grant = credit.consumed(bytes);
        if (grant > 0) {
            next().setCreditBytes(next().getCreditBytes() + grant);
        }
    }

    void flush() {
        if (next != null && !isClosed) {
            call.sendMessage(next.build());
            next = null;
        }
    }

    void cancel(String why) {
        call.cancel(why, null);
    }

    @Override
    public void onMessage(FetchResponse response) {
        call.request(1);
        for (FetchedPartition partition : response.getPartitionsList()) {
            credit.received(partition.getRecords().size());
            runtime.onFetched(this, partition);
        }
        runtime.flushStreams();
    }

    @Override
    public void onClose(Status status, io.grpc.Metadata trailers) {
        isClosed = true;
        runtime.streamClosed(this);
    }
}
