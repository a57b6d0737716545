package io.lograft.broker.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.proto.v1.PublishResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Publish stream. Requests come on a network thread and are queued; a thread of the stream's own, which may wait,
 * hands them to the writer; answers come on any thread and are sent in the order of the requests. No more is read while
 * too many bytes wait to be written or too many records wait for their answer, which includes answers that the client
 * does not read.
 */
final class PublishSession implements StreamObserver<PublishRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(PublishSession.class);

    /** How much of a stream may be under way; a request that is read at the bound may pass that of the bytes. */
    record Limits(int recordsMax, long sizeBytesMax) {}

    /** A request that was read; what it carries is let go once it is written, its answer once it is sent. */
    private static final class Entry {
        private final long correlationId;
        private PublishRequest request;
        private long sizeBytes;
        private PublishResponse response;
        private StatusRuntimeException end;

        Entry(long correlationId) {
            this.correlationId = correlationId;
        }
    }

    private final ServerCallStreamObserver<PublishResponse> observer;
    private final Function<String, RecordWriter> writers;
    private final Limits limits;
    private final PublishOrder order = new PublishOrder();

    @GuardedBy("this")
    private final ArrayDeque<Entry> unanswered = new ArrayDeque<>();

    @GuardedBy("this")
    private final ArrayDeque<Entry> unwritten = new ArrayDeque<>();

    @GuardedBy("this")
    private long sizeBytes;

    @GuardedBy("this")
    private boolean isReadingPaused;

    @GuardedBy("this")
    private boolean hasEnded;

    @GuardedBy("this")
    private boolean isClosed;

    /**
     * Begins to read.
     *
     * @param writers makes the stream's writer from the producer's name, which may be empty
     */
    PublishSession(
            ServerCallStreamObserver<PublishResponse> observer, Function<String, RecordWriter> writers, Limits limits) {
        this.observer = observer;
        this.writers = writers;
        this.limits = limits;
        observer.disableAutoRequest();
        observer.setOnReadyHandler(this::flush);
        observer.setOnCancelHandler(this::abandon);
        observer.request(1);
    }

    @Override
    public synchronized void onNext(PublishRequest request) {
        if (hasEnded || isClosed) {
            return;
        }
        Entry entry = new Entry(request.getCorrelationId());
        unanswered.add(entry);
        PublishOrder.Breach breach = order.next(request);
        String fault = breach == null ? RecordChecks.fault(request) : null;
        if (breach != null) {
            entry.end = GrpcErrors.exception(breach.code(), breach.message(), breach.details());
            hasEnded = true;
        } else if (fault != null) {
            entry.response = failure(entry, ErrorCode.INVALID_REQUEST, fault);
        } else {
            entry.request = request;
            entry.sizeBytes = request.getSerializedSize();
            sizeBytes += entry.sizeBytes;
            unwritten.add(entry);
        }
        isReadingPaused = true;
        flush();
    }

    @Override
    public synchronized void onCompleted() {
        hasEnded = true;
        flush();
    }

    @Override
    public void onError(Throwable failure) {
        abandon();
    }

    /** The broker stops: ends the stream, whatever is under way. */
    void stop() {
        endWith(GrpcErrors.exception(
                ErrorCode.UNAVAILABLE, "this broker stops; records without an answer may have been written"));
    }

    /** Ends the stream before it began. */
    void refuse(ErrorCode code, String message) {
        endWith(GrpcErrors.exception(code, message));
    }

    private synchronized void endWith(StatusRuntimeException end) {
        if (!isClosed) {
            abandon();
            observer.onError(end);
        }
    }

    /** Nobody waits for answers any more. */
    private synchronized void abandon() {
        isClosed = true;
        unwritten.clear();
        unanswered.clear();
        notifyAll();
    }

    /** Writes what is read until the stream has ended and everything is answered. On a thread that may wait. */
    void run() {
        RecordWriter writer = null;
        try {
            for (Entry entry = next(); entry != null; entry = next()) {
                if (writer == null) {
                    writer = writers.apply(producerName());
                }
                write(writer, entry);
            }
        } catch (InterruptedException stopped) {
            stop();
        } catch (LograftException e) {
            endWith(GrpcErrors.exception(e.code(), e.reason(), Map.of()));
        } catch (RuntimeException e) {
            // The embedded client's fault must not end the broker, whose own state it does not touch.
            LOG.error("a Publish stream failed", e);
            endWith(GrpcErrors.exception(ErrorCode.INTERNAL, "the stream failed in the broker: " + e));
        } finally {
            if (writer != null) {
                writer.close();
            }
        }
    }

    private synchronized String producerName() {
        return order.producerName();
    }

    /** The next record to be written; null once nothing is left to do. */
    private synchronized Entry next() throws InterruptedException {
        while (unwritten.isEmpty()) {
            if (isClosed || (hasEnded && unanswered.isEmpty())) {
                return null;
            }
            wait();
        }
        return unwritten.poll();
    }

    private void write(RecordWriter writer, Entry entry) throws InterruptedException {
        PublishRequest request = entry.request;
        entry.request = null;
        writer.write(PlainRecords.toSdk(request), request.getSequence(), new RecordWriter.Answer() {
            @Override
            public void written(RecordGateway.Written written) {
                answered(
                        entry,
                        PublishResponse.newBuilder()
                                .setCorrelationId(entry.correlationId)
                                .setPartition(written.partition())
                                .setOffset(written.offset())
                                .setTimestampMs(written.timestampMs())
                                .setDuplicate(written.isDuplicate())
                                .build());
            }

            @Override
            public void failed(ErrorCode code, String message) {
                answered(entry, failure(entry, code, message));
            }
        });
    }

    private static PublishResponse failure(Entry entry, ErrorCode code, String message) {
        return PublishResponse.newBuilder()
                .setCorrelationId(entry.correlationId)
                .setFailure(
                        Failure.newBuilder().setCode(ErrorCodes.toProto(code)).setMessage(message))
                .build();
    }

    private synchronized void answered(Entry entry, PublishResponse response) {
        entry.response = response;
        sizeBytes -= entry.sizeBytes;
        flush();
    }

    /** Sends the answers that are next, as far as the client takes them, and reads on if there is room. */
    private synchronized void flush() {
        while (!isClosed && !unanswered.isEmpty() && observer.isReady()) {
            Entry head = unanswered.peek();
            if (head.end != null) {
                endWith(head.end);
                return;
            }
            if (head.response == null) {
                break;
            }
            observer.onNext(unanswered.poll().response);
        }
        if (isClosed) {
            return;
        }
        if (hasEnded && unanswered.isEmpty()) {
            isClosed = true;
            observer.onCompleted();
        } else if (isReadingPaused && mayRead()) {
            isReadingPaused = false;
            observer.request(1);
        }
        notifyAll();
    }

    @GuardedBy("this")
    private boolean mayRead() {
        return !hasEnded && unanswered.size() < limits.recordsMax() && sizeBytes < limits.sizeBytesMax();
    }
}
