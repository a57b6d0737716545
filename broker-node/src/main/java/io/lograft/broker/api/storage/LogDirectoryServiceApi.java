package io.lograft.broker.api.storage;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.Failures;
import io.lograft.metadata.command.CommandReply;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.DescribeLogDirectoriesRequest;
import io.lograft.proto.v1.DescribeLogDirectoriesResponse;
import io.lograft.proto.v1.LogDirectory;
import io.lograft.proto.v1.LogDirectoryServiceGrpc;
import io.lograft.proto.v1.LogDirectoryState;
import io.lograft.proto.v1.MoveReplicaRequest;
import io.lograft.proto.v1.MoveReplicaResponse;
import io.lograft.proto.v1.ReplicaMove;
import io.lograft.proto.v1.ReplicaMoveState;
import io.lograft.wire.GrpcErrors;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What is in the brokers' log directories, and moves between them. Safe for use by several threads. */
public final class LogDirectoryServiceApi extends LogDirectoryServiceGrpc.LogDirectoryServiceImplBase {
    private static final long RELAY_MS_MAX = 10_000;

    private final BrokerId self;
    private final LogDirectories own;
    private final Function<BrokerId, Optional<? extends Channel>> channels;

    /** Answers for this broker, and asks the others through these channels. */
    public LogDirectoryServiceApi(
            BrokerId self, LogDirectories own, Function<BrokerId, Optional<? extends Channel>> channels) {
        this.self = self;
        this.own = own;
        this.channels = channels;
    }

    @Override
    public void describeLogDirectories(
            DescribeLogDirectoriesRequest request, StreamObserver<DescribeLogDirectoriesResponse> client) {
        if (request.getBrokerId() == self.value()) {
            var unused = own.directories().whenComplete((directories, failure) -> {
                if (failure == null) {
                    client.onNext(response(directories));
                    client.onCompleted();
                } else {
                    fail(client, "its log directories", failure);
                }
            });
        } else {
            relay(request.getBrokerId(), client)
                    .ifPresent(stub -> stub.describeLogDirectories(request, new Passing<>(client)));
        }
    }

    @Override
    public void moveReplica(MoveReplicaRequest request, StreamObserver<MoveReplicaResponse> client) {
        if (request.getBrokerId() != self.value()) {
            relay(request.getBrokerId(), client).ifPresent(stub -> stub.moveReplica(request, new Passing<>(client)));
            return;
        }
        if (request.getTopic().isEmpty() || request.getPartition() < 0) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST,
                    "topic '" + request.getTopic() + "' and partition " + request.getPartition() + " name no replica"));
            return;
        }
        TopicPartition partition = new TopicPartition(request.getTopic(), request.getPartition());
        var unused = own.move(partition, request.getDirectory()).whenComplete((reply, failure) -> {
            if (failure != null) {
                fail(client, "the move of " + partition, failure);
            } else if (reply.isOk()) {
                client.onNext(MoveReplicaResponse.getDefaultInstance());
                client.onCompleted();
            } else {
                client.onError(GrpcErrors.exception(reply.error(), reply.message()));
            }
        });
    }

    /** What this broker cannot say now, because it stops or a directory fails, it may be able to say later. */
    private void fail(StreamObserver<?> client, String about, Throwable failure) {
        client.onError(GrpcErrors.exception(
                ErrorCode.UNAVAILABLE, "broker " + self + " cannot answer about " + about + " now: " + cause(failure)));
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private Optional<LogDirectoryServiceGrpc.LogDirectoryServiceStub> relay(int id, StreamObserver<?> client) {
        Optional<? extends Channel> channel = id < 0 ? Optional.empty() : channels.apply(new BrokerId(id));
        if (channel.isEmpty()) {
            client.onError(GrpcErrors.exception(ErrorCode.UNKNOWN_BROKER, "no broker has registered as " + id));
            return Optional.empty();
        }
        return Optional.of(
                LogDirectoryServiceGrpc.newStub(channel.get()).withDeadlineAfter(RELAY_MS_MAX, TimeUnit.MILLISECONDS));
    }

    /** Passes the other broker's answer on. */
    private record Passing<T>(StreamObserver<T> client) implements StreamObserver<T> {
        @Override
        public void onNext(T value) {
            client.onNext(value);
        }

        @Override
        public void onError(Throwable failure) {
            client.onError(failure);
        }

        @Override
        public void onCompleted() {
            client.onCompleted();
        }
    }

    private DescribeLogDirectoriesResponse response(List<LogDirectories.Directory> directories) {
        DescribeLogDirectoriesResponse.Builder response = DescribeLogDirectoriesResponse.newBuilder();
        for (LogDirectories.Directory directory : directories) {
            response.addDirectories(LogDirectory.newBuilder()
                    .setPath(directory.path())
                    .setDirectoryId(directory.id())
                    .setState(state(directory.state()))
                    .setSizeBytes(directory.sizeBytes())
                    .setReplicaCount(directory.replicaCount())
                    .setUsableBytes(directory.usableBytes())
                    .setTotalBytes(directory.totalBytes()));
        }
        own.moves().forEach(move -> response.addMoves(move(move)));
        return response.build();
    }

    private static ReplicaMove.Builder move(LogDirectories.Move move) {
        ReplicaMove.Builder message = ReplicaMove.newBuilder()
                .setTopic(move.partition().topic())
                .setPartition(move.partition().partition())
                .setFrom(move.from())
                .setTo(move.to())
                .setState(state(move.state()))
                .setCopiedBytes(move.copiedBytes())
                .setTotalBytes(move.totalBytes());
        Optional<CommandReply> failure = move.failure();
        failure.ifPresent(reply -> message.setFailure(Failures.of(reply)));
        return message;
    }

    private static LogDirectoryState state(LogDirectories.State state) {
        return switch (state) {
            case ONLINE -> LogDirectoryState.LOG_DIRECTORY_STATE_ONLINE;
            case FULL -> LogDirectoryState.LOG_DIRECTORY_STATE_FULL;
            case OFFLINE -> LogDirectoryState.LOG_DIRECTORY_STATE_OFFLINE;
        };
    }

    private static ReplicaMoveState state(LogDirectories.MoveState state) {
        return switch (state) {
            case WAITING -> ReplicaMoveState.REPLICA_MOVE_STATE_WAITING;
            case COPYING -> ReplicaMoveState.REPLICA_MOVE_STATE_COPYING;
            case DONE -> ReplicaMoveState.REPLICA_MOVE_STATE_DONE;
            case FAILED -> ReplicaMoveState.REPLICA_MOVE_STATE_FAILED;
        };
    }
}
