package io.lograft.broker.api.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import io.lograft.metadata.command.CommandReply;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.DescribeLogDirectoriesRequest;
import io.lograft.proto.v1.MoveReplicaRequest;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class LogDirectoryServiceApiTest {
    private static final int SELF = 1;
    private final List<String> answers = new ArrayList<>();

    /** Directories of which nothing is known before the test says so. */
    private static final class Unanswered implements LogDirectories {
        private final CompletableFuture<List<Directory>> described = new CompletableFuture<>();
        private final CompletableFuture<CommandReply> moved = new CompletableFuture<>();

        @Override
        public CompletableFuture<List<Directory>> directories() {
            return described;
        }

        @Override
        public List<Move> moves() {
            return List.of();
        }

        @Override
        public CompletableFuture<CommandReply> move(TopicPartition partition, String directory) {
            return moved;
        }
    }

    private final Unanswered own = new Unanswered();
    private final LogDirectoryServiceApi service =
            new LogDirectoryServiceApi(new BrokerId(SELF), own, broker -> Optional.empty());

    private <T> StreamObserver<T> client() {
        return new StreamObserver<>() {
            @Override
            public void onNext(T response) {
                answers.add("answer");
            }

            @Override
            public void onError(Throwable failure) {
                answers.add(GrpcErrors.of(failure).code() + ": "
                        + GrpcErrors.of(failure).message());
            }

            @Override
            public void onCompleted() {
                answers.add("end");
            }
        };
    }

    private void describe(int broker) {
        service.describeLogDirectories(
                DescribeLogDirectoriesRequest.newBuilder().setBrokerId(broker).build(), client());
    }

    private void move(int broker, String topic, int partition) {
        service.moveReplica(
                MoveReplicaRequest.newBuilder()
                        .setBrokerId(broker)
                        .setTopic(topic)
                        .setPartition(partition)
                        .setDirectory("/b")
                        .build(),
                client());
    }

    @Test
    void answersOnceTheDirectoriesDo() {
        describe(SELF);
        move(SELF, "orders", 0);
        assertThat(answers).isEmpty();
        own.described.complete(List.of());
        own.moved.complete(CommandReply.refused(ErrorCode.DISK_FULL, "full"));
        assertThat(answers).containsExactly("answer", "end", ErrorCode.DISK_FULL + ": full");
    }

    /** Clients waited for ever, once the broker had begun to stop or a directory could not be asked. */
    @Test
    void aFailureIsAnAnswer() {
        describe(SELF);
        move(SELF, "orders", 0);
        own.described.completeExceptionally(new RejectedExecutionException("stopping"));
        own.moved.completeExceptionally(new IllegalStateException("closed"));
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0))
                .startsWith(ErrorCode.UNAVAILABLE + ": broker 1")
                .contains("stopping");
        assertThat(answers.get(1))
                .startsWith(ErrorCode.UNAVAILABLE + ": broker 1")
                .contains("orders-0")
                .contains("closed");
    }

    @Test
    void whatNamesNothingIsRefused() {
        move(SELF, "", 0);
        move(SELF, "orders", -1);
        move(-1, "orders", 0);
        describe(Integer.MIN_VALUE);
        describe(2);
        assertThat(answers)
                .extracting(answer -> answer.substring(0, answer.indexOf(':')))
                .containsExactly(
                        ErrorCode.INVALID_REQUEST.toString(),
                        ErrorCode.INVALID_REQUEST.toString(),
                        ErrorCode.UNKNOWN_BROKER.toString(),
                        ErrorCode.UNKNOWN_BROKER.toString(),
                        ErrorCode.UNKNOWN_BROKER.toString());
    }
}
