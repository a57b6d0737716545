package io.lograft.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.lograft.client.LograftException;
import io.lograft.client.ProducerRecord;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.proto.v1.PublishResponse;
import io.lograft.record.NamedProducerId;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PublishSessionTest {
    private static final PublishSession.Limits LIMITS = new PublishSession.Limits(4, 1_000);

    private final FakeCall<PublishResponse> call = new FakeCall<>();
    private final FakeWriter writer = new FakeWriter();
    private final PublishSession session = new PublishSession(call, this::writer, LIMITS);
    private final Thread thread = Thread.ofVirtual().start(session::run);
    private volatile RuntimeException refusal;
    private volatile String name;

    private RecordWriter writer(String producerName) {
        name = producerName;
        if (refusal != null) {
            throw refusal;
        }
        return writer;
    }

    @AfterEach
    void theThreadEnds() throws InterruptedException {
        session.stop();
        assertThat(thread.join(java.time.Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void answersComeInTheOrderOfTheRequests() throws InterruptedException {
        session.onNext(request(7).build());
        session.onNext(request(8).build());
        session.onCompleted();
        Written first = writer.next();
        Written second = writer.next();

        second.answer.written(new RecordGateway.Written(1, 20, 5, false));
        assertThat(call.sent).isEmpty();
        first.answer.written(new RecordGateway.Written(0, 10, 4, true));

        PublishResponse one = response();
        assertThat(one.getCorrelationId()).isEqualTo(7);
        assertThat(one.getOffset()).isEqualTo(10);
        assertThat(one.getTimestampMs()).isEqualTo(4);
        assertThat(one.getDuplicate()).isTrue();
        PublishResponse two = response();
        assertThat(two.getCorrelationId()).isEqualTo(8);
        assertThat(two.getPartition()).isEqualTo(1);
        assertThat(two.getDuplicate()).isFalse();
        call.done.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(writer.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theFailureOfARecordIsItsOwn() throws InterruptedException {
        session.onNext(request(1).clearTopic().build());
        session.onNext(request(2).build());
        session.onNext(request(3).build());
        writer.next().answer.failed(ErrorCode.UNKNOWN_TOPIC, "no topic 't'");
        writer.next().answer.written(new RecordGateway.Written(0, 5, 0, false));

        assertFailure(response(), ErrorCode.INVALID_REQUEST, "topic is missing");
        assertFailure(response(), ErrorCode.UNKNOWN_TOPIC, "no topic 't'");
        assertThat(response().getOffset()).isEqualTo(5);
        assertThat(call.done).isNotDone();
    }

    @Test
    void nothingIsReadWhileTooManyRecordsWaitForTheirAnswer() throws InterruptedException {
        for (int i = 1; i <= LIMITS.recordsMax() - 1; i++) {
            session.onNext(request(i).build());
            assertThat(call.requested()).isEqualTo(i + 1);
        }
        session.onNext(request(4).build());
        assertThat(call.requested()).isEqualTo(4);

        writer.next().answer.written(new RecordGateway.Written(0, 0, 0, false));
        assertThat(call.requested()).isEqualTo(5);
    }

    @Test
    void nothingIsReadWhileTooManyBytesWaitToBeWritten() throws InterruptedException {
        PublishRequest.Builder big = request(1);
        big.getRecordBuilder().setValue(ByteString.copyFrom(new byte[1_000]));
        session.onNext(big.build());
        assertThat(call.requested()).isEqualTo(1);

        writer.next().answer.written(new RecordGateway.Written(0, 0, 0, false));
        assertThat(call.requested()).isEqualTo(2);
    }

    @Test
    void answersThatAreNotReadStopTheReadingOfRequests() throws InterruptedException {
        call.ready(false);
        for (int i = 1; i <= LIMITS.recordsMax(); i++) {
            session.onNext(request(i).build());
            writer.next().answer.written(new RecordGateway.Written(0, i, 0, false));
        }
        assertThat(call.sent).isEmpty();
        assertThat(call.requested()).isEqualTo(LIMITS.recordsMax());

        call.ready(true);
        assertThat(call.sent).hasSize(LIMITS.recordsMax());
        assertThat(call.requested()).isEqualTo(LIMITS.recordsMax() + 1);
    }

    @Test
    void anotherNameEndsTheStreamBehindTheAnswersBeforeIt() throws InterruptedException {
        session.onNext(request(1).setProducerName("a").setSequence(1).build());
        session.onNext(request(2).setSequence(2).build());
        session.onNext(request(3).setProducerName("b").setSequence(3).build());
        Written first = writer.next();
        assertThat(first.sequence).isEqualTo(1);
        assertThat(name).isEqualTo("a");
        assertThat(call.done).isNotDone();
        first.answer.written(new RecordGateway.Written(0, 1, 0, false));
        writer.next().answer.written(new RecordGateway.Written(0, 2, 0, false));

        assertThat(response().getOffset()).isEqualTo(1);
        assertThat(response().getOffset()).isEqualTo(2);
        assertEnd(ErrorCode.INVALID_REQUEST, "'b' on a stream that began with 'a'");
        assertThat(call.requested()).isEqualTo(3);
    }

    @Test
    void aSequenceThatDoesNotRiseEndsTheStream() throws InterruptedException {
        session.onNext(request(1).setProducerName("a").setSequence(9).build());
        session.onNext(request(2).setProducerName("a").setSequence(9).build());
        writer.next().answer.written(new RecordGateway.Written(0, 1, 0, false));

        RemoteError end = assertEnd(ErrorCode.OUT_OF_ORDER_SEQUENCE, "sequence 9 after 9");
        assertThat(end.details()).containsEntry("last_sequence", "9");
    }

    @Test
    void sequencesHaveTheirBounds() {
        assertThat(breach("n", NamedProducerId.SEQUENCE_MAX)).isNull();
        assertThat(breach("n", NamedProducerId.SEQUENCE_MAX + 1).message()).contains("70368744177663");
        assertThat(breach("n", 0).message()).contains("sequence 0 is not in 1..");
        assertThat(breach("", 0)).isNull();
        assertThat(breach("", 1).message()).contains("without a producer_name");
        assertThat(breach("n".repeat(249), 1)).isNull();
        assertThat(breach("n".repeat(250), 1).message()).contains("250 characters");
    }

    private static PublishOrder.Breach breach(String producerName, long sequence) {
        return new PublishOrder()
                .next(request(1)
                        .setProducerName(producerName)
                        .setSequence(sequence)
                        .build());
    }

    @Test
    void aStreamWithoutAWriterEndsWithTheReason() {
        refusal = new LograftException(ErrorCode.UNAVAILABLE, "no broker");
        session.onNext(request(1).build());
        assertEnd(ErrorCode.UNAVAILABLE, "no broker");
    }

    @Test
    void aFaultOfOursEndsTheStreamOnly() {
        refusal = new IllegalStateException("oops");
        session.onNext(request(1).build());
        assertEnd(ErrorCode.INTERNAL, "oops");
    }

    @Test
    void aClientThatLeavesTakesItsWriterAlong() throws InterruptedException {
        session.onNext(request(1).build());
        Written late = writer.next();
        call.cancel();
        assertThat(writer.closed.await(10, TimeUnit.SECONDS)).isTrue();

        late.answer.written(new RecordGateway.Written(0, 1, 0, false));
        assertThat(call.sent).isEmpty();
    }

    @Test
    void aBrokerThatStopsSaysSo() throws InterruptedException {
        session.onNext(request(1).build());
        writer.next();
        session.stop();
        assertEnd(ErrorCode.UNAVAILABLE, "this broker stops");
    }

    private static PublishRequest.Builder request(long correlationId) {
        return PublishRequest.newBuilder()
                .setCorrelationId(correlationId)
                .setTopic("t")
                .setRecord(NewRecord.newBuilder().setValue(ByteString.copyFromUtf8("v")));
    }

    private PublishResponse response() throws InterruptedException {
        return call.sent.poll(10, TimeUnit.SECONDS);
    }

    private static void assertFailure(PublishResponse response, ErrorCode code, String message) {
        assertThat(ErrorCodes.fromProto(response.getFailure().getCode())).isEqualTo(code);
        assertThat(response.getFailure().getMessage()).isEqualTo(message);
    }

    private RemoteError assertEnd(ErrorCode code, String part) {
        CompletionException failure = catchThrowableOfType(
                CompletionException.class,
                () -> call.done.orTimeout(10, TimeUnit.SECONDS).join());
        RemoteError error = GrpcErrors.of(failure.getCause());
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.message()).contains(part);
        return error;
    }

    private record Written(ProducerRecord record, long sequence, RecordWriter.Answer answer) {}

    /** Leaves the answers to the test. */
    private static final class FakeWriter implements RecordWriter {
        private final LinkedBlockingQueue<Written> written = new LinkedBlockingQueue<>();
        private final CountDownLatch closed = new CountDownLatch(1);

        Written next() throws InterruptedException {
            Written next = written.poll(10, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public void write(ProducerRecord record, long sequence, Answer answer) {
            written.add(new Written(record, sequence, answer));
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
