package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchResponse;
import io.lograft.proto.v1.FetchServiceGrpc;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pushes committed batches to readers. Sessions run on loops of their own, as reading old records may wait for the disk
 * and must not hold up the partitions' loops. Safe for use by several threads.
 */
public final class FetchServiceApi extends FetchServiceGrpc.FetchServiceImplBase {
    private final FetchSession.Environment environment;
    private final EventLoopGroup loops;
    private final AtomicInteger sessions = new AtomicInteger();

    /**
     * Serves from these replicas.
     *
     * @param environment what all sessions share
     * @param loops where sessions run, in turn
     */
    public FetchServiceApi(FetchSession.Environment environment, EventLoopGroup loops) {
        this.environment = environment;
        this.loops = loops;
    }

    @Override
    public StreamObserver<FetchRequest> fetch(StreamObserver<FetchResponse> responses) {
        return new FetchSession(
                environment, loops.loopFor(sessions.getAndIncrement()), (ServerCallStreamObserver<FetchResponse>)
                        responses);
    }
}
