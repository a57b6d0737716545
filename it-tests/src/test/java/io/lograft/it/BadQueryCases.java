package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.FetchPosition;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchedPartition;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.NewTopic;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.WatchMetadataRequest;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Bad calls of everything but the produce service. */
final class BadQueryCases {
    private static final ByteString NOBODY =
            ByteString.copyFrom(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
    private static final ByteString SHORT = ByteString.copyFrom(new byte[3]);
    private static final int MESSAGE_BYTES_MAX = 16 << 20;

    private final RawCalls calls;
    private final ByteString topic;
    private final int port;
    private final List<BadCase> cases = new ArrayList<>();

    private BadQueryCases(RawCalls calls, ByteString topic, int port) {
        this.calls = calls;
        this.topic = topic;
        this.port = port;
    }

    static List<BadCase> all(RawCalls calls, ByteString topic, int port) {
        BadQueryCases all = new BadQueryCases(calls, topic, port);
        all.fetches();
        all.offsets();
        all.metadata();
        all.transport();
        return all.cases;
    }

    private void fetches() {
        FetchPosition.Builder good = FetchPosition.newBuilder()
                .setTopicId(topic)
                .setCurrentLeaderEpoch(-1)
                .setLastReadEpoch(-1);
        ends(
                "fetch: credit is missing",
                ErrorCode.INVALID_REQUEST,
                FetchRequest.newBuilder().addAssign(good).build());
        ends(
                "fetch: negative credit",
                ErrorCode.INVALID_REQUEST,
                FetchRequest.newBuilder().addAssign(good).setCreditBytes(-5).build());
        ends(
                "fetch: malformed topic id",
                ErrorCode.INVALID_REQUEST,
                request(good.clone().setTopicId(SHORT)));
        ends(
                "fetch: negative partition",
                ErrorCode.INVALID_REQUEST,
                request(good.clone().setPartition(-1)));
        refused("fetch: unknown topic id", ErrorCode.UNKNOWN_TOPIC, good.clone().setTopicId(NOBODY));
        refused(
                "fetch: partition out of range",
                ErrorCode.UNKNOWN_PARTITION,
                good.clone().setPartition(1));
        refused(
                "fetch: negative offset",
                ErrorCode.INVALID_REQUEST,
                good.clone().setOffset(-1));
        refused(
                "fetch: offset above the end",
                ErrorCode.OFFSET_OUT_OF_RANGE,
                good.clone().setOffset(1L << 40));
        refused(
                "fetch: greatest offset",
                ErrorCode.OFFSET_OUT_OF_RANGE,
                good.clone().setOffset(Long.MAX_VALUE));
    }

    private static FetchRequest request(FetchPosition.Builder position) {
        return FetchRequest.newBuilder()
                .addAssign(position)
                .setCreditBytes(1 << 20)
                .build();
    }

    private void ends(String name, ErrorCode code, FetchRequest request) {
        cases.add(new BadCase(name, () -> RawCalls.assertEnds(code, () -> calls.fetch(request))));
    }

    private void refused(String name, ErrorCode code, FetchPosition.Builder position) {
        FetchRequest request = request(position.setNumber(11));
        cases.add(new BadCase(name, () -> {
            FetchedPartition answer = calls.fetch(request).getPartitions(0);
            RawCalls.assertRefused(answer.getFailure(), code);
            assertThat(answer.getNumber()).isEqualTo(11);
            assertThat(answer.getRecords().isEmpty()).isTrue();
        }));
    }

    private void offsets() {
        OffsetQuery.Builder good = OffsetQuery.newBuilder().setTopicId(topic).setCurrentLeaderEpoch(-1);
        offset("offsets: no position", ErrorCode.INVALID_REQUEST, good.clone());
        offset(
                "offsets: malformed topic id",
                ErrorCode.INVALID_REQUEST,
                good.clone().setTopicId(SHORT).setLatest(true));
        offset(
                "offsets: unknown topic id",
                ErrorCode.UNKNOWN_TOPIC,
                good.clone().setTopicId(NOBODY).setLatest(true));
        offset(
                "offsets: partition out of range",
                ErrorCode.UNKNOWN_PARTITION,
                good.clone().setPartition(4).setLatest(true));
        offset(
                "offsets: leader epoch of the future",
                ErrorCode.UNKNOWN_LEADER_EPOCH,
                good.clone().setCurrentLeaderEpoch(99).setEarliest(true));
        cases.add(new BadCase("offsets: too many queries", () -> {
            ListOffsetsRequest.Builder many = ListOffsetsRequest.newBuilder();
            for (int i = 0; i <= 10_000; i++) {
                many.addQueries(good.clone().setEarliest(true));
            }
            RawCalls.assertEnds(
                    ErrorCode.INVALID_REQUEST,
                    () -> MetadataServiceGrpc.newBlockingStub(calls.channel()).listOffsets(many.build()));
        }));
    }

    private void offset(String name, ErrorCode code, OffsetQuery.Builder query) {
        cases.add(new BadCase(name, () -> {
            OffsetAnswer answer = MetadataServiceGrpc.newBlockingStub(calls.channel())
                    .listOffsets(
                            ListOffsetsRequest.newBuilder().addQueries(query).build())
                    .getAnswers(0);
            RawCalls.assertRefused(answer.getFailure(), code);
            assertThat(answer.getOffset()).isEqualTo(-1);
        }));
    }

    private void metadata() {
        MetadataServiceGrpc.MetadataServiceBlockingStub metadata = MetadataServiceGrpc.newBlockingStub(calls.channel());
        AdminServiceGrpc.AdminServiceBlockingStub admin = AdminServiceGrpc.newBlockingStub(calls.channel());
        cases.add(new BadCase("describe: unknown topic", () -> {
            DescribeTopicsRequest request =
                    DescribeTopicsRequest.newBuilder().addNames("nothing").build();
            RawCalls.assertRefused(metadata.describeTopics(request).getTopics(0).getFailure(), ErrorCode.UNKNOWN_TOPIC);
        }));
        cases.add(new BadCase("watch: another cluster", () -> {
            WatchMetadataRequest request =
                    WatchMetadataRequest.newBuilder().setClusterId("another").build();
            RawCalls.assertEnds(
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    () -> metadata.watchMetadata(request).next());
        }));
        cases.add(new BadCase(
                "create: no topic named",
                () -> RawCalls.assertEnds(
                        ErrorCode.INVALID_REQUEST,
                        () -> admin.createTopics(CreateTopicsRequest.getDefaultInstance()))));
        cases.add(new BadCase("create: a topic named twice", () -> {
            NewTopic twice = NewTopic.newBuilder().setName("twice").build();
            CreateTopicsRequest request = CreateTopicsRequest.newBuilder()
                    .addTopics(twice)
                    .addTopics(twice)
                    .build();
            RawCalls.assertEnds(ErrorCode.INVALID_REQUEST, () -> admin.createTopics(request));
        }));
        cases.add(new BadCase("delete: too many topics", () -> {
            DeleteTopicsRequest.Builder many = DeleteTopicsRequest.newBuilder();
            for (int i = 0; i <= 1_000; i++) {
                many.addNames("topic-" + i);
            }
            RawCalls.assertEnds(ErrorCode.INVALID_REQUEST, () -> admin.deleteTopics(many.build()));
        }));
    }

    private void transport() {
        status("unknown method", Status.Code.UNIMPLEMENTED, "lograft.v1.MetadataService/Nothing", new byte[0]);
        status("unknown service", Status.Code.UNIMPLEMENTED, "lograft.v9.Nothing/Nothing", new byte[0]);
        cases.add(new BadCase(
                "transport: relay to an unknown broker",
                () -> RawCalls.assertEnds(
                        ErrorCode.UNKNOWN_BROKER,
                        () -> calls.call("relay.77.lograft.v1.MetadataService/DescribeCluster", new byte[0]))));
        status(
                "relay of a service of brokers",
                Status.Code.UNIMPLEMENTED,
                "relay.1.lograft.v1.ControllerService/FindController",
                new byte[0]);
        status(
                "relay of a relay",
                Status.Code.UNIMPLEMENTED,
                "relay.1.relay.1.lograft.v1.MetadataService/DescribeCluster",
                new byte[0]);
        String describe = "lograft.v1.MetadataService/DescribeTopics";
        byte[] malformed = {(byte) 0xff, (byte) 0xff, 7, 1};
        cases.add(new BadCase(
                "transport: malformed protobuf",
                () -> RawCalls.assertEnds(ErrorCode.INVALID_REQUEST, () -> calls.call(describe, malformed))));
        status("message above 16 MiB", Status.Code.RESOURCE_EXHAUSTED, describe, new byte[MESSAGE_BYTES_MAX + 1]);
        cases.add(new BadCase("transport: no HTTP/2 at all", () -> {
            byte[] noise = new byte[10_000];
            new Random(1).nextBytes(noise);
            assertThat(answerTo(noise)).isNotEqualTo(-2);
        }));
        cases.add(new BadCase(
                "transport: HTTP/1.1",
                () -> answerTo("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))));
    }

    private void status(String name, Status.Code code, String method, byte[] request) {
        cases.add(new BadCase(
                "transport: " + name, () -> RawCalls.assertEnds(code, () -> calls.call(method, request))));
    }

    /** Sends bytes to the gRPC port; the broker must end the connection. */
    private long answerTo(byte[] bytes) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(bytes);
            out.flush();
            return in.transferTo(OutputStream.nullOutputStream());
        } catch (java.net.SocketException reset) {
            return -1; // It ended the connection without reading all: also an end.
        }
    }
}
