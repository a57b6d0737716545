package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchResponse;
import io.lograft.proto.v1.FetchServiceGrpc;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Calls of a broker as they are on the wire, without a client that checks anything before. */
final class RawCalls implements AutoCloseable {
    private static final long TIMEOUT_S = 30;
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new Bytes();

    private final ManagedChannel channel;

    RawCalls(String address) {
        channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Sends one batch and returns what became of it. */
    ProduceResult produce(ProduceBatch batch) {
        First<ProduceResponse> answer = new First<>();
        StreamObserver<ProduceRequest> stream = ProduceServiceGrpc.newStub(channel)
                .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
                .produce(answer);
        stream.onNext(ProduceRequest.newBuilder().addBatches(batch).build());
        ProduceResponse response = answer.join();
        stream.onCompleted();
        return response.getResults(0);
    }

    ProduceResult produce(ByteString topicId, int partition, byte[] records) {
        return produce(ProduceBatch.newBuilder()
                .setCorrelationId(7)
                .setTopicId(topicId)
                .setPartition(partition)
                .setCurrentLeaderEpoch(-1)
                .setRecords(ByteString.copyFrom(records))
                .build());
    }

    /** Opens a fetch stream with this message, and returns the first answer. */
    FetchResponse fetch(FetchRequest request) {
        First<FetchResponse> answer = new First<>();
        StreamObserver<FetchRequest> stream = FetchServiceGrpc.newStub(channel)
                .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
                .fetch(answer);
        stream.onNext(request);
        FetchResponse response = answer.join();
        stream.onCompleted();
        return response;
    }

    /** Calls any method with any bytes. */
    byte[] call(String method, byte[] request) {
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.newBuilder(BYTES, BYTES)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(method)
                .build();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS);
        return ClientCalls.blockingUnaryCall(channel, descriptor, options, request);
    }

    static void assertRefused(Failure failure, ErrorCode code) {
        assertThat(ErrorCodes.fromProto(failure.getCode()))
                .as("code of: %s", failure.getMessage())
                .isEqualTo(code);
        assertThat(failure.getMessage()).isNotBlank().doesNotContain("\n");
    }

    /** The call must end with a status that has this code of ours. */
    static void assertEnds(ErrorCode code, Supplier<?> call) {
        Throwable failure = failureOf(call);
        assertThat(GrpcErrors.of(failure).code()).as("code of: %s", failure).isEqualTo(code);
    }

    /** The call must end with this status of gRPC. */
    static void assertEnds(Status.Code code, Supplier<?> call) {
        Throwable failure = failureOf(call);
        assertThat(Status.fromThrowable(failure).getCode())
                .as("status of: %s", failure)
                .isEqualTo(code);
    }

    private static Throwable failureOf(Supplier<?> call) {
        Object answer;
        try {
            answer = call.get();
        } catch (CompletionException e) {
            return e.getCause();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("the call was not refused but answered: " + answer);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** The first message of a stream, or why there is none. */
    private static final class First<T> implements StreamObserver<T> {
        private final CompletableFuture<T> first = new CompletableFuture<>();

        T join() {
            return first.join();
        }

        @Override
        public void onNext(T message) {
            first.complete(message);
        }

        @Override
        public void onError(Throwable failure) {
            first.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            first.completeExceptionally(new AssertionError("the stream ended without an answer"));
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try (stream) {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
