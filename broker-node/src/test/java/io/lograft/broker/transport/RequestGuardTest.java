package io.lograft.broker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeClusterResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.RemoteError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RequestGuardTest {
    /** The second by name. */
    private static final int METHOD_PRODUCE = 1;

    private static final byte[] NO_MESSAGE = {(byte) 0xff, (byte) 0xff, 7, 1};

    private final GrpcTransport transport = new GrpcTransport(2);
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private StreamObserver<ProduceResponse> answers;
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = transport
                .server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(RequestGuard.around(new Describe().bindService()))
                .addService(RequestGuard.around(new Produce().bindService()))
                .build()
                .start();
        channel = transport.channel("127.0.0.1", server.getPort());
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        transport.close();
    }

    @Test
    void goodRequestsArePassedOn() {
        DescribeClusterResponse answer = MetadataServiceGrpc.newBlockingStub(channel)
                .describeCluster(DescribeClusterRequest.getDefaultInstance());
        assertThat(answer.getClusterId()).isEqualTo("guarded");
    }

    @Test
    void aMalformedRequestEndsACallWithItsCodeAndNeverReachesTheService() throws Exception {
        Throwable failure = call(MetadataServiceGrpc.getDescribeClusterMethod().getFullMethodName(), NO_MESSAGE);
        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        RemoteError error = GrpcErrors.of(failure);
        assertThat(error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(error.message()).contains("lograft.v1.MetadataService/DescribeCluster", "malformed");
        assertThat(io.grpc.protobuf.StatusProto.fromThrowable(failure).getDetailsCount())
                .isEqualTo(1);
        assertThat(events).isEmpty();
    }

    @Test
    void aStreamEndsAtTheMalformedMessageAndTheServiceHearsThatItsClientIsGone() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(
                        raw(
                                ProduceServiceGrpc.getProduceMethod().getFullMethodName(),
                                MethodDescriptor.MethodType.BIDI_STREAMING),
                        CallOptions.DEFAULT),
                new Ending(ended));
        requests.onNext(ProduceRequest.newBuilder()
                .addBatches(ProduceBatch.newBuilder().setCorrelationId(5))
                .build()
                .toByteArray());
        assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("batch 5");
        requests.onNext(NO_MESSAGE);
        assertThat(GrpcErrors.of(ended.get(20, TimeUnit.SECONDS)).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("error CANCELLED");
        // What a service answers late, on any thread, goes nowhere and harms nobody.
        answers.onNext(ProduceResponse.getDefaultInstance());
        answers.onCompleted();
        assertThat(events).isEmpty();
    }

    /** A stream's messages may be on their way when its service ends it. */
    @Test
    void nothingMoreReachesAServiceThatHasEndedItsCall() {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.write(METHOD_PRODUCE);
        for (long correlationId : new long[] {5, 6}) {
            byte[] request = ProduceRequest.newBuilder()
                    .addBatches(ProduceBatch.newBuilder().setCorrelationId(correlationId))
                    .build()
                    .toByteArray();
            input.writeBytes(new byte[] {0, (byte) request.length});
            input.writeBytes(request);
        }
        input.writeBytes(new byte[] {0, (byte) NO_MESSAGE.length});
        input.writeBytes(NO_MESSAGE);
        Produce service = new Produce();
        service.isEndedByFirst = true;
        new FuzzedService(service.bindService(), () -> {}).call(input.toByteArray());
        assertThat(events).containsExactly("batch 5");
    }

    private Throwable call(String method, byte[] request) throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(
                channel.newCall(raw(method, MethodDescriptor.MethodType.UNARY), CallOptions.DEFAULT),
                request,
                new Ending(ended));
        return ended.get(20, TimeUnit.SECONDS);
    }

    private static MethodDescriptor<byte[], byte[]> raw(String method, MethodDescriptor.MethodType type) {
        MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    return stream.readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        return MethodDescriptor.newBuilder(bytes, bytes)
                .setType(type)
                .setFullMethodName(method)
                .build();
    }

    private record Ending(CompletableFuture<Throwable> ended) implements StreamObserver<byte[]> {
        @Override
        public void onNext(byte[] message) {}

        @Override
        public void onError(Throwable failure) {
            ended.complete(failure);
        }

        @Override
        public void onCompleted() {
            ended.completeExceptionally(new AssertionError("the call went well"));
        }
    }

    private static final class Describe extends MetadataServiceGrpc.MetadataServiceImplBase {
        @Override
        public void describeCluster(DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> client) {
            client.onNext(
                    DescribeClusterResponse.newBuilder().setClusterId("guarded").build());
            client.onCompleted();
        }
    }

    private final class Produce extends ProduceServiceGrpc.ProduceServiceImplBase {
        private boolean isEndedByFirst;

        @Override
        public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> client) {
            ((io.grpc.stub.ServerCallStreamObserver<ProduceResponse>) client).setOnCancelHandler(() -> {});
            answers = client;
            return new StreamObserver<>() {
                @Override
                public void onNext(ProduceRequest request) {
                    events.add("batch " + request.getBatches(0).getCorrelationId());
                    if (isEndedByFirst) {
                        client.onCompleted();
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    events.add("error " + Status.fromThrowable(failure).getCode());
                }

                @Override
                public void onCompleted() {
                    events.add("completed");
                }
            };
        }
    }
}
