package io.lograft.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.lograft.client.LograftException;
import io.lograft.client.ProducerRecord;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.FetchOneRequest;
import io.lograft.proto.v1.FetchOneResponse;
import io.lograft.proto.v1.Header;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.PublishOneResponse;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.proto.v1.PublishResponse;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogServiceApiTest {
    private static final NewRecord RECORD =
            NewRecord.newBuilder().setValue(ByteString.copyFromUtf8("v")).build();

    private final FakeGateway gateway = new FakeGateway();
    private final List<Throwable> fatal = new ArrayList<>();
    private final LogServiceApi api = new LogServiceApi(gateway, fatal::add);

    @AfterEach
    void close() {
        api.close();
        assertThat(fatal).isEmpty();
        assertThat(gateway.isClosed).isTrue();
    }

    @Test
    void aPublishedRecordIsAnsweredWithItsPlace() {
        PublishOneResponse answer = publish(PublishOneRequest.newBuilder()
                        .setTopic("orders")
                        .setPartition(3)
                        .setRecord(RECORD.toBuilder()
                                .setTimestampMs(77)
                                .addHeaders(Header.newBuilder().setKey("h")))
                        .build())
                .join();

        assertThat(answer.getPartition()).isEqualTo(3);
        assertThat(answer.getOffset()).isEqualTo(41);
        assertThat(answer.getTimestampMs()).isEqualTo(77);
        assertThat(gateway.written.key()).isNull();
        assertThat(gateway.written.value()).isEqualTo(new byte[] {'v'});
        assertThat(gateway.written.headers().get(0).value()).isNull();
    }

    @Test
    void withoutPartitionAndTimeTheClientChooses() {
        publish(PublishOneRequest.newBuilder()
                        .setTopic("orders")
                        .setRecord(RECORD)
                        .build())
                .join();

        assertThat(gateway.written.partition()).isEqualTo(ProducerRecord.ANY_PARTITION);
        assertThat(gateway.written.timestampMs()).isEqualTo(ProducerRecord.NOW);
    }

    @Test
    void badRequestsAreRefusedWithTheValue() {
        PublishOneRequest good =
                PublishOneRequest.newBuilder().setTopic("t").setRecord(RECORD).build();
        FetchOneRequest fetch = FetchOneRequest.newBuilder().setTopic("t").build();

        assertRefused(publish(good.toBuilder().clearTopic().build()), "topic is missing");
        assertRefused(publish(good.toBuilder().clearRecord().build()), "record is missing");
        assertRefused(publish(good.toBuilder().setPartition(-2).build()), "partition -2");
        assertRefused(
                publish(good.toBuilder()
                        .setRecord(RECORD.toBuilder().setTimestampMs(-5))
                        .build()),
                "timestamp_ms -5");
        NewRecord.Builder manyHeaders = RECORD.toBuilder();
        for (int i = 0; i < 1_001; i++) {
            manyHeaders.addHeaders(Header.newBuilder().setKey("h"));
        }
        assertRefused(publish(good.toBuilder().setRecord(manyHeaders).build()), "1001 headers");
        assertRefused(fetch(fetch.toBuilder().clearTopic().build()), "topic is missing");
        assertRefused(fetch(fetch.toBuilder().setPartition(-1).build()), "partition -1");
        assertRefused(fetch(fetch.toBuilder().setOffset(-9).build()), "offset -9");
        assertRefused(fetch(fetch.toBuilder().setMaxRecords(10_001).build()), "max_records 10001");
        assertRefused(fetch(fetch.toBuilder().setMaxWaitMs(30_001).build()), "max_wait_ms 30001");
    }

    @Test
    void aFetchAsksForAHundredRecordsUnlessToldOtherwise() {
        FetchOneRequest request =
                FetchOneRequest.newBuilder().setTopic("t").setOffset(5).build();

        FetchOneResponse answer = fetch(request).join();

        assertThat(answer.getRecords(0).getOffset()).isEqualTo(5);
        assertThat(answer.getHighWatermark()).isEqualTo(6);
        assertThat(gateway.limits.recordsMax()).isEqualTo(100);
        fetch(request.toBuilder().setMaxRecords(7).setMaxWaitMs(9).build()).join();
        assertThat(gateway.limits.recordsMax()).isEqualTo(7);
        assertThat(gateway.limits.waitMsMax()).isEqualTo(9);
    }

    @Test
    void aFailureComesWithItsCodeAndTopic() {
        gateway.failure = new LograftException(ErrorCode.OFFSET_OUT_OF_RANGE, "offset 9");

        StatusRuntimeException failure =
                failure(fetch(FetchOneRequest.newBuilder().setTopic("t").build()));

        RemoteError error = GrpcErrors.of(failure);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
        assertThat(error.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
        assertThat(error.message()).isEqualTo("offset 9");
        assertThat(error.details()).containsEntry("topic", "t");
    }

    @Test
    void anUnexpectedFailureIsInternalAndNotTheBrokersEnd() {
        gateway.failure = new IllegalStateException("oops");

        assertThat(GrpcErrors.of(failure(
                                fetch(FetchOneRequest.newBuilder().setTopic("t").build())))
                        .code())
                .isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void oneCallMoreThanTheLimitIsBusy() throws InterruptedException {
        gateway.hold = new CountDownLatch(1);
        FetchOneRequest request = FetchOneRequest.newBuilder().setTopic("t").build();
        List<CompletableFuture<FetchOneResponse>> held = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            held.add(fetch(request));
        }

        StatusRuntimeException refused = failure(fetch(request));

        assertThat(GrpcErrors.of(refused).code()).isEqualTo(ErrorCode.BUSY);
        gateway.hold.countDown();
        CompletableFuture.allOf(held.toArray(CompletableFuture[]::new))
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void aStreamOfRecordsIsAnswered() {
        FakeCall<PublishResponse> call = new FakeCall<>();
        StreamObserver<PublishRequest> requests = api.publish(call);
        requests.onNext(
                PublishRequest.newBuilder().setTopic("t").setRecord(RECORD).build());
        requests.onCompleted();

        call.done.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(call.sent.poll().getOffset()).isEqualTo(41);
    }

    @Test
    void oneStreamMoreThanTheLimitIsBusy() {
        List<StreamObserver<PublishRequest>> streams = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            streams.add(api.publish(new FakeCall<>()));
        }
        FakeCall<PublishResponse> oneMore = new FakeCall<>();
        api.publish(oneMore);

        assertThat(GrpcErrors.of(failure(oneMore.done)).code()).isEqualTo(ErrorCode.BUSY);
        streams.forEach(StreamObserver::onCompleted);
    }

    @Test
    void oneSubscriptionMoreThanTheLimitIsBusy() {
        List<StreamObserver<SubscribeRequest>> streams = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            streams.add(api.subscribe(new FakeCall<>()));
        }
        FakeCall<SubscribeResponse> oneMore = new FakeCall<>();
        api.subscribe(oneMore);

        assertThat(GrpcErrors.of(failure(oneMore.done)).code()).isEqualTo(ErrorCode.BUSY);
        streams.forEach(StreamObserver::onCompleted);
    }

    private CompletableFuture<PublishOneResponse> publish(PublishOneRequest request) {
        Reply<PublishOneResponse> answer = new Reply<>();
        api.publishOne(request, answer);
        return answer.done.orTimeout(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<FetchOneResponse> fetch(FetchOneRequest request) {
        Reply<FetchOneResponse> answer = new Reply<>();
        api.fetchOne(request, answer);
        return answer.done.orTimeout(10, TimeUnit.SECONDS);
    }

    private static void assertRefused(CompletableFuture<?> answer, String part) {
        RemoteError error = GrpcErrors.of(failure(answer));
        assertThat(error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(error.message()).contains(part);
    }

    private static StatusRuntimeException failure(CompletableFuture<?> answer) {
        return (StatusRuntimeException)
                catchThrowableOfType(CompletionException.class, answer::join).getCause();
    }

    /** What a call answered. */
    private static final class Reply<R> implements StreamObserver<R> {
        private final CompletableFuture<R> done = new CompletableFuture<>();
        private R value;

        @Override
        public void onNext(R answer) {
            value = answer;
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            done.complete(value);
        }
    }

    /** A cluster in which every topic exists. */
    private static final class FakeGateway implements RecordGateway {
        private volatile ProducerRecord written;
        private volatile Limits limits;
        private volatile RuntimeException failure;
        private volatile CountDownLatch hold = new CountDownLatch(0);
        private volatile boolean isClosed;

        @Override
        public Written write(ProducerRecord record) {
            written = record;
            if (failure != null) {
                throw failure;
            }
            return new Written(record.partition(), 41, record.timestampMs(), false);
        }

        @Override
        public RecordWriter writer(String producerName) {
            return new RecordWriter() {
                @Override
                public void write(ProducerRecord record, long sequence, RecordWriter.Answer answer) {
                    answer.written(FakeGateway.this.write(record));
                }

                @Override
                public void close() {
                    // Nothing of its own to close.
                }
            };
        }

        @Override
        public RecordReader reader(SubscribeRequest.Start start) {
            throw new LograftException(ErrorCode.UNAVAILABLE, "nothing to read here");
        }

        @Override
        public Read read(TopicPartition partition, long offset, Limits asked) {
            limits = asked;
            if (failure != null) {
                throw failure;
            }
            try {
                assertThat(hold.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new Read(List.of(LogRecord.newBuilder().setOffset(offset).build()), offset + 1, 0);
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
