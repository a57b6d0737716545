package io.lograft.broker.gateway;

import com.google.protobuf.Message;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.BoundedTasks;
import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.FetchOneRequest;
import io.lograft.proto.v1.FetchOneResponse;
import io.lograft.proto.v1.LogServiceGrpc;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.PublishOneResponse;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.proto.v1.PublishResponse;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.GrpcErrors;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain records for clients with nothing but generated code: checks a request, has the gateway carry it out on a thread
 * that may wait, and answers. As many calls of each kind as the limits say run at once; one more is answered BUSY. Safe
 * for use by several threads.
 */
public final class LogServiceApi extends LogServiceGrpc.LogServiceImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogServiceApi.class);
    private static final int PUBLISH_CALLS_MAX = 1_000;
    private static final int PUBLISH_STREAMS_MAX = 256;
    private static final PublishSession.Limits PUBLISH_STREAM = new PublishSession.Limits(1_000, 1 << 20);
    private static final int SUBSCRIBE_STREAMS_MAX = 256;
    private static final int FETCH_CALLS_MAX = 64;
    private static final int RECORDS_DEFAULT = 100;
    private static final int RECORDS_MAX = 10_000;
    private static final int WAIT_MS_MAX = 30_000;
    // Below the 4 MiB that gRPC clients take in one message unless told otherwise.
    private static final int RESPONSE_BYTES_MAX = 3 << 20;

    private final RecordGateway gateway;
    private final BoundedTasks publishCalls;
    private final BoundedTasks publishStreams;
    private final BoundedTasks fetchCalls;
    private final BoundedTasks subscribeStreams;
    private final Set<SubscribeSession> subscribeSessions = ConcurrentHashMap.newKeySet();
    private final Set<PublishSession> publishSessions = ConcurrentHashMap.newKeySet();

    /**
     * Serves by a client that connects to this broker when it is first needed.
     *
     * @param ownAddress where this broker's gRPC port is, {@code host:port}
     * @param fatal told of a broken invariant
     */
    public LogServiceApi(Supplier<String> ownAddress, Consumer<Throwable> fatal) {
        this(new SdkGateway(ownAddress), fatal);
    }

    LogServiceApi(RecordGateway gateway, Consumer<Throwable> fatal) {
        this.gateway = gateway;
        this.publishCalls = new BoundedTasks("publish-one", PUBLISH_CALLS_MAX, fatal);
        this.publishStreams = new BoundedTasks("publish", PUBLISH_STREAMS_MAX, fatal);
        this.subscribeStreams = new BoundedTasks("subscribe", SUBSCRIBE_STREAMS_MAX, fatal);
        this.fetchCalls = new BoundedTasks("fetch-one", FETCH_CALLS_MAX, fatal);
    }

    @Override
    public void publishOne(PublishOneRequest request, StreamObserver<PublishOneResponse> response) {
        String fault = RecordChecks.fault(request);
        if (fault != null) {
            refuse(response, ErrorCode.INVALID_REQUEST, fault);
            return;
        }
        run(publishCalls, request.getTopic(), response, () -> {
            RecordGateway.Written written = gateway.write(PlainRecords.toSdk(request));
            return PublishOneResponse.newBuilder()
                    .setPartition(written.partition())
                    .setOffset(written.offset())
                    .setTimestampMs(written.timestampMs())
                    .build();
        });
    }

    @Override
    public void fetchOne(FetchOneRequest request, StreamObserver<FetchOneResponse> response) {
        String fault = fault(request);
        if (fault != null) {
            refuse(response, ErrorCode.INVALID_REQUEST, fault);
            return;
        }
        RecordGateway.Limits limits = new RecordGateway.Limits(
                request.getMaxRecords() == 0 ? RECORDS_DEFAULT : request.getMaxRecords(),
                RESPONSE_BYTES_MAX,
                request.getMaxWaitMs());
        TopicPartition partition = new TopicPartition(request.getTopic(), request.getPartition());
        run(fetchCalls, request.getTopic(), response, () -> {
            RecordGateway.Read read = gateway.read(partition, request.getOffset(), limits);
            return FetchOneResponse.newBuilder()
                    .addAllRecords(read.records())
                    .setHighWatermark(read.highWatermark())
                    .setLogStartOffset(read.logStart())
                    .build();
        });
    }

    private static String fault(FetchOneRequest request) {
        if (request.getTopic().isEmpty()) {
            return "topic is missing";
        }
        if (request.getPartition() < 0 || request.getOffset() < 0) {
            return "partition " + request.getPartition() + " or offset " + request.getOffset() + " is negative";
        }
        if (request.getMaxRecords() < 0 || request.getMaxRecords() > RECORDS_MAX) {
            return "max_records " + request.getMaxRecords() + " is not in 0.." + RECORDS_MAX;
        }
        return request.getMaxWaitMs() < 0 || request.getMaxWaitMs() > WAIT_MS_MAX
                ? "max_wait_ms " + request.getMaxWaitMs() + " is not in 0.." + WAIT_MS_MAX
                : null;
    }

    @Override
    public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> responses) {
        PublishSession session = new PublishSession(
                (ServerCallStreamObserver<PublishResponse>) responses, gateway::writer, PUBLISH_STREAM);
        publishSessions.add(session);
        boolean isTaken = publishStreams.tryExecute(() -> {
            try {
                session.run();
            } finally {
                publishSessions.remove(session);
            }
        });
        if (!isTaken) {
            publishSessions.remove(session);
            session.refuse(ErrorCode.BUSY, PUBLISH_STREAMS_MAX + " Publish streams are open at this broker already");
        }
        return session;
    }

    @Override
    public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> responses) {
        SubscribeSession session = new SubscribeSession((ServerCallStreamObserver<SubscribeResponse>) responses);
        SubscribeRun run = new SubscribeRun(session, gateway::reader);
        subscribeSessions.add(session);
        boolean isTaken = subscribeStreams.tryExecute(() -> {
            try {
                run.run();
            } finally {
                subscribeSessions.remove(session);
            }
        });
        if (!isTaken) {
            subscribeSessions.remove(session);
            session.end(GrpcErrors.exception(
                    ErrorCode.BUSY, SUBSCRIBE_STREAMS_MAX + " Subscribe streams are open at this broker already"));
        }
        return session;
    }

    private static <R extends Message> void run(
            BoundedTasks tasks, String topic, StreamObserver<R> response, Supplier<R> work) {
        boolean isTaken = tasks.tryExecute(() -> {
            R answer;
            try {
                answer = work.get();
            } catch (LograftException e) {
                refuse(response, e.code(), e.reason(), Map.of("topic", topic));
                return;
            } catch (RuntimeException e) {
                // The embedded client's fault must not end the broker, whose own state it does not touch.
                LOG.error("a call of LogService about topic {} failed", topic, e);
                refuse(response, ErrorCode.INTERNAL, "the call failed in the broker: " + e);
                return;
            }
            response.onNext(answer);
            response.onCompleted();
        });
        if (!isTaken) {
            refuse(response, ErrorCode.BUSY, "too many such calls are under way at this broker");
        }
    }

    private static void refuse(StreamObserver<?> response, ErrorCode code, String message) {
        refuse(response, code, message, Map.of());
    }

    private static void refuse(
            StreamObserver<?> response, ErrorCode code, String message, Map<String, String> details) {
        response.onError(GrpcErrors.exception(code, message, details));
    }

    /** Ends the embedded client; calls that wait end soon. */
    @Override
    public void close() {
        publishSessions.forEach(PublishSession::stop);
        subscribeSessions.forEach(SubscribeSession::stop);
        publishStreams.close();
        subscribeStreams.close();
        gateway.close();
        publishCalls.close();
        fetchCalls.close();
    }
}
