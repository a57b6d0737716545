package io.lograft.broker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SubscribeRunTest {
    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    private final FakeCall<SubscribeResponse> call = new FakeCall<>();
    private final SubscribeSession session = new SubscribeSession(call);
    private final FakeReader reader = new FakeReader();
    private final Thread thread =
            Thread.ofVirtual().start(() -> new SubscribeRun(session, start -> reader.madeFor(start)).run());

    @AfterEach
    void theThreadEnds() throws InterruptedException {
        session.stop();
        assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        assertThat(reader.isOpen()).isFalse();
    }

    @Test
    void recordsFollowTheirAssignment() throws InterruptedException {
        start(1_000, "");
        reader.come(Map.of(FIRST, 7L));
        reader.give(record(7, 10), record(8, 10));

        assertThat(next().getAssigned(0).getOffset()).isEqualTo(7);
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(7L, 8L);
    }

    @Test
    void nothingIsSentWithoutCredit() throws InterruptedException {
        int size = record(1, 100).getSerializedSize();
        start(size + 1, "");
        reader.give(record(1, 100), record(2, 100), record(3, 100));

        // The credit is not used up before the second record, which may pass it.
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(1L, 2L);
        assertThat(call.sent).isEmpty();
        session.onNext(credit(size));
        assertThat(next().getRecords(0).getOffset()).isEqualTo(3);
    }

    @Test
    void creditNeverOverflows() throws InterruptedException {
        start(Long.MAX_VALUE, "");
        session.onNext(credit(Long.MAX_VALUE));
        session.onNext(credit(Long.MAX_VALUE));
        reader.give(record(0, 100));
        assertThat(next().getRecordsCount()).isEqualTo(1);
    }

    @Test
    void aMessageHasThreeMebibytesOrOneRecord() throws InterruptedException {
        start(Long.MAX_VALUE, "");
        reader.give(record(0, 2 << 20), record(1, 2 << 20), record(2, 5 << 20), record(3, 1));
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(0L);
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(1L);
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(2L);
        assertThat(next().getRecordsList()).extracting(LogRecord::getOffset).containsExactly(3L);
    }

    @Test
    void aClientThatDoesNotReadGetsNothingUntilItDoes() throws InterruptedException {
        call.ready(false);
        start(1_000, "g");
        reader.come(Map.of(FIRST, 0L));
        next();
        reader.give(record(0, 10));
        reader.awaitPause();
        assertThat(call.sent).isEmpty();

        call.ready(true);
        assertThat(next().getRecordsCount()).isEqualTo(1);
        reader.awaitResume();
    }

    @Test
    void commitsAreAnsweredInOrderEachPositionWithItsOutcome() throws InterruptedException {
        start(1_000, "g");
        reader.come(Map.of(FIRST, 0L));
        next();
        session.onNext(commit(position(FIRST, 5), position(SECOND, 9)));
        session.onNext(commit(position(FIRST, 6)));
        FakeReader.Commit one = reader.nextCommit();
        FakeReader.Commit two = reader.nextCommit();
        assertThat(one.offsets()).isEqualTo(Map.of(FIRST, 5L));

        two.outcome().complete(failure(ErrorCode.UNKNOWN_MEMBER));
        assertThat(call.sent).isEmpty();
        one.outcome().complete(null);

        SubscribeResponse first = next();
        assertThat(first.getCommittedCount()).isEqualTo(2);
        assertThat(first.getCommitted(0).hasFailure()).isFalse();
        assertThat(code(first.getCommitted(1).getFailure())).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        SubscribeResponse second = next();
        assertThat(second.getCommitted(0).getOffset()).isEqualTo(6);
        assertThat(code(second.getCommitted(0).getFailure())).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void aRevokedPartitionIsGivenUpOnceTheClientHasCommittedAndReleasedIt() throws InterruptedException {
        start(1_000, "g");
        reader.come(Map.of(FIRST, 0L, SECOND, 0L));
        next();
        reader.revoke(Set.of(FIRST));
        assertThat(next().getRevoked(0).getPartition()).isZero();
        session.onNext(commit(position(FIRST, 3)));
        session.onNext(release(FIRST));
        FakeReader.Commit commit = reader.nextCommit();
        assertThat(reader.isGivingUp()).isTrue();
        commit.outcome().complete(null);

        assertThat(next().getCommitted(0).hasFailure()).isFalse();
        reader.awaitGivenUp();
        session.onNext(commit(position(FIRST, 4)));
        assertThat(code(next().getCommitted(0).getFailure())).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
    }

    @Test
    void aPartitionThatIsNotReleasedInTimeIsLost() throws InterruptedException {
        session.onNext(SubscribeRequest.newBuilder()
                .setStart(SubscribeRequest.Start.newBuilder()
                        .addTopics("t")
                        .setGroup("g")
                        .setCreditBytes(1_000)
                        .setReleaseTimeoutMs(1))
                .build());
        reader.come(Map.of(FIRST, 0L));
        next();
        reader.revoke(Set.of(FIRST));
        assertThat(next().getRevokedCount()).isEqualTo(1);
        assertThat(next().getLost(0).getTopic()).isEqualTo("t");
        reader.awaitGivenUp();
    }

    @Test
    void recordsOfARevokedPartitionThatWereNotSentNeverCome() throws InterruptedException {
        start(1, "g");
        reader.come(Map.of(FIRST, 0L, SECOND, 0L));
        next();
        reader.give(
                record(0, 10),
                record(1, 10),
                record(1, 10).toBuilder().setPartition(1).build());
        assertThat(next().getRecordsCount()).isEqualTo(1);
        reader.lose(Set.of(FIRST));
        assertThat(next().getLost(0).getPartition()).isZero();

        session.onNext(credit(1_000));
        SubscribeResponse rest = next();
        assertThat(rest.getRecordsCount()).isEqualTo(1);
        assertThat(rest.getRecords(0).getPartition()).isEqualTo(1);
    }

    @Test
    void aClientThatEndsItsStreamGetsItsCommitsAnsweredAndLeaves() throws InterruptedException {
        start(1_000, "g");
        reader.come(Map.of(FIRST, 0L));
        next();
        session.onNext(commit(position(FIRST, 5)));
        session.onCompleted();
        reader.nextCommit().outcome().complete(null);

        assertThat(next().getCommitted(0).getOffset()).isEqualTo(5);
        call.done.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(call.sent).isEmpty();
    }

    /** The client sent its commit while the partition was its own, before it heard that others wait for it. */
    @Test
    void aCommitBeforeTheEndOfTheStreamCountsThoughThePartitionIsRevokedMeanwhile() throws InterruptedException {
        start(1_000, "g");
        reader.come(Map.of(FIRST, 0L));
        next();
        reader.revokeOnce(Set.of(FIRST), () -> {
            session.onNext(commit(position(FIRST, 5)));
            session.onCompleted();
        });
        assertThat(next().getRevokedCount()).isEqualTo(1);
        reader.nextCommit().outcome().complete(null);

        SubscribeResponse answer = next();
        assertThat(answer.getCommitted(0).getOffset()).isEqualTo(5);
        assertThat(answer.getCommitted(0).hasFailure()).isFalse();
        call.done.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(call.sent).as("nothing was lost").isEmpty();
    }

    @Test
    void aReleaseThatNamesNoPartitionEndsTheStream() {
        start(1_000, "g");
        session.onNext(SubscribeRequest.newBuilder()
                .setRelease(SubscribeRequest.Release.newBuilder()
                        .addPartitions(io.lograft.proto.v1.TopicPartition.newBuilder()
                                .setTopic("t")
                                .setPartition(-1)))
                .build());
        assertEnd(ErrorCode.INVALID_REQUEST, "partition -1");
    }

    /** It would be met again at once, and again. */
    @Test
    void aDamagedBatchEndsTheStream() {
        start(1_000, "g");
        reader.fail(new LograftException(ErrorCode.CORRUPT_BATCH, "the checksum is wrong"));
        assertEnd(ErrorCode.CORRUPT_BATCH, "checksum");
    }

    @Test
    void aFailureOfTheReaderEndsTheStreamUnlessItPasses() throws InterruptedException {
        start(1_000, "");
        reader.fail(new LograftException(ErrorCode.LEADER_NOT_AVAILABLE, "not now"));
        reader.give(record(0, 10));
        assertThat(next().getRecordsCount()).isEqualTo(1);

        reader.fail(new LograftException(ErrorCode.OFFSET_OUT_OF_RANGE, "offset 9"));
        assertEnd(ErrorCode.OFFSET_OUT_OF_RANGE, "offset 9");
    }

    @Test
    void withoutAGroupATopicThatIsGoneEndsTheStream() {
        start(1_000, "");
        reader.fail(new LograftException(ErrorCode.UNKNOWN_TOPIC, "topic t was deleted"));
        assertEnd(ErrorCode.UNKNOWN_TOPIC, "was deleted");
    }

    @Test
    void messagesThatMakeNoSenseEndTheStream() {
        start(1_000, "");
        session.onNext(commit(position(FIRST, 1)));
        assertEnd(ErrorCode.INVALID_REQUEST, "commit on a stream without a group");
    }

    @Test
    void theFirstMessageIsChecked() {
        SubscribeRequest.Start good = SubscribeRequest.Start.newBuilder()
                .addTopics("t")
                .setCreditBytes(1)
                .build();
        SubscribeRequest.Start group = good.toBuilder().setGroup("g").build();
        assertThat(fault(good)).isNull();
        assertThat(fault(group)).isNull();
        assertThat(SubscribeChecks.faultOfFirst(credit(5))).contains("not credit_bytes");
        assertThat(fault(good.toBuilder().setCreditBytes(0).build())).contains("credit_bytes 0");
        assertThat(fault(good.toBuilder().clearTopics().build())).contains("neither topics");
        assertThat(fault(good.toBuilder().addTopics("").build())).contains("a topic is empty");
        assertThat(fault(good.toBuilder().setTopicPattern("x").build())).contains("need a group");
        assertThat(fault(good.toBuilder().addPositions(position(FIRST, -4)).build()))
                .contains("offset -4");
        assertThat(fault(group.toBuilder().addPositions(position(FIRST, 4)).build()))
                .contains("positions with group 'g'");
        assertThat(fault(group.toBuilder().setSessionTimeoutMs(-1).build())).contains("session_timeout_ms -1");
        int twentyDaysMs = 20 * 86_400_000;
        assertThat(fault(group.toBuilder().setSessionTimeoutMs(twentyDaysMs + 1).build()))
                .contains("session_timeout_ms 1728000001");
        assertThat(fault(group.toBuilder().setSessionTimeoutMs(twentyDaysMs).build()))
                .isNull();
        assertThat(fault(group.toBuilder().setReleaseTimeoutMs(60_001).build())).contains("release_timeout_ms 60001");
        assertThat(fault(group.toBuilder().setReleaseTimeoutMs(60_000).build())).isNull();
        assertThat(SubscribeChecks.faultOfNext(credit(0), false)).contains("credit_bytes 0");
        assertThat(SubscribeChecks.faultOfNext(
                        SubscribeRequest.newBuilder().setStart(good).build(), false))
                .contains("a second time");
        assertThat(SubscribeChecks.faultOfNext(SubscribeRequest.getDefaultInstance(), true))
                .contains("without content");
    }

    @Test
    void nothingIsReadFromTheStreamWhileTooManyMessagesWait() {
        FakeCall<SubscribeResponse> other = new FakeCall<>();
        SubscribeSession nobodyDrains = new SubscribeSession(other);
        nobodyDrains.onNext(SubscribeRequest.newBuilder()
                .setStart(SubscribeRequest.Start.newBuilder().addTopics("t").setCreditBytes(1))
                .build());
        for (int i = 0; i < 63; i++) {
            assertThat(other.requested()).isEqualTo(2 + i);
            nobodyDrains.onNext(credit(1));
        }
        assertThat(other.requested()).isEqualTo(64);

        nobodyDrains.drain(request -> {});
        assertThat(other.requested()).isEqualTo(65);
    }

    private static String fault(SubscribeRequest.Start start) {
        return SubscribeChecks.faultOfFirst(
                SubscribeRequest.newBuilder().setStart(start).build());
    }

    private void start(long creditBytes, String group) {
        session.onNext(SubscribeRequest.newBuilder()
                .setStart(SubscribeRequest.Start.newBuilder()
                        .addTopics("t")
                        .setGroup(group)
                        .setCreditBytes(creditBytes))
                .build());
    }

    private static SubscribeRequest credit(long bytes) {
        return SubscribeRequest.newBuilder().setCreditBytes(bytes).build();
    }

    private static SubscribeRequest commit(SubscribeRequest.Position... positions) {
        return SubscribeRequest.newBuilder()
                .setCommit(SubscribeRequest.Commit.newBuilder().addAllPositions(List.of(positions)))
                .build();
    }

    private static SubscribeRequest release(TopicPartition partition) {
        return SubscribeRequest.newBuilder()
                .setRelease(SubscribeRequest.Release.newBuilder().addPartitions(PlainRecords.partition(partition)))
                .build();
    }

    private static SubscribeRequest.Position position(TopicPartition partition, long offset) {
        return SubscribeRequest.Position.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setOffset(offset)
                .build();
    }

    private static LogRecord record(long offset, int sizeBytes) {
        return LogRecord.newBuilder()
                .setTopic("t")
                .setOffset(offset)
                .setValue(ByteString.copyFrom(new byte[sizeBytes]))
                .build();
    }

    private static Failure failure(ErrorCode code) {
        return Failure.newBuilder().setCode(ErrorCodes.toProto(code)).build();
    }

    private static ErrorCode code(Failure failure) {
        return ErrorCodes.fromProto(failure.getCode());
    }

    private SubscribeResponse next() throws InterruptedException {
        SubscribeResponse next = call.sent.poll(10, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private void assertEnd(ErrorCode code, String part) {
        CompletionException failure = catchThrowableOfType(
                CompletionException.class,
                () -> call.done.orTimeout(10, TimeUnit.SECONDS).join());
        RemoteError error = GrpcErrors.of(failure.getCause());
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.message()).contains(part);
    }
}
