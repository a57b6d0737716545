package io.lograft.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DescribeTopicsResponse;
import io.lograft.proto.v1.LogState;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.ReplicaState;
import io.lograft.proto.v1.TopicDescription;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Broker 1 answers, broker 2 is a server that knows its logs, broker 3 cannot be reached. */
final class LogStatesTest {
    private final GrpcTransport transport = new GrpcTransport(1);
    private final ClusterFixture cluster = new ClusterFixture();
    private final AtomicInteger questions = new AtomicInteger();
    private Server second;
    private ManagedChannel toSecond;
    private LogStates states;

    @BeforeEach
    void start() throws IOException {
        second = transport
                .server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new SecondBroker())
                .build()
                .start();
        toSecond = transport.channel("127.0.0.1", second.getPort());
        states = new LogStates(
                cluster.self(),
                logsOf(1),
                broker -> broker.equals(new BrokerId(2)) ? Optional.of(toSecond) : Optional.empty());
        cluster.topic("orders", 6);
        cluster.topic("other", 3);
    }

    @AfterEach
    void stop() {
        toSecond.shutdownNow();
        second.shutdownNow();
        transport.close();
    }

    @Test
    void eachLeaderIsAskedOnceAndTheUnreachableOneLeavesAGap() {
        List<TopicDescription> filled = states.withAll(descriptions(), false).join();
        assertThat(questions).hasValue(1);
        assertThat(filled).hasSize(2);
        for (TopicDescription topic : filled) {
            for (PartitionDescription partition : topic.getPartitionsList()) {
                assertThat(partition.hasLogState()).isEqualTo(partition.getLeader() != 3);
                assertThat(partition.getLogState().getLogEndOffset())
                        .isEqualTo(partition.getLeader() == 3 ? 0 : partition.getLeader() * 100L);
            }
        }
    }

    @Test
    void aLeaderThatFailsLeavesAGapToo() {
        second.shutdownNow();
        for (TopicDescription topic : states.withAll(descriptions(), false).join()) {
            for (PartitionDescription partition : topic.getPartitionsList()) {
                assertThat(partition.hasLogState()).isEqualTo(partition.getLeader() == 1);
            }
        }
    }

    @Test
    void askedForItsOwnOnlyItAsksNobody() {
        for (TopicDescription topic : states.withOwn(descriptions(), false)) {
            for (PartitionDescription partition : topic.getPartitionsList()) {
                assertThat(partition.hasLogState()).isEqualTo(partition.getLeader() == 1);
            }
        }
        assertThat(questions).hasValue(0);
    }

    @Test
    void eachBrokerWithReplicasIsAskedOnceForThem() {
        for (TopicDescription topic : states.withAll(descriptions(), true).join()) {
            for (PartitionDescription partition : topic.getPartitionsList()) {
                assertThat(partition.getReplicasList()).contains(1, 2, 3);
                assertThat(partition.getReplicaStatesList().stream().map(ReplicaState::getBrokerId))
                        .containsExactly(1, 2);
                assertThat(partition.getReplicaStatesList().stream().map(ReplicaState::getLogEndOffset))
                        .containsExactly(10L, 20L);
            }
        }
        assertThat(questions).hasValue(1);
    }

    @Test
    void anUnknownTopicStaysAsItIs() {
        List<TopicDescription> unknown = List.of(ImageMessages.unknownTopic("nothing"));
        assertThat(states.withAll(unknown, true).join()).isEqualTo(unknown);
    }

    private List<TopicDescription> descriptions() {
        return cluster.image().topics().stream()
                .map(topic -> ImageMessages.topic(topic).build())
                .toList();
    }

    private PartitionOffsets logsOf(int broker) {
        return new PartitionOffsets() {
            @Override
            public CompletableFuture<OffsetAnswer> find(OffsetQuery query) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Optional<LogState> logState(PartitionId id) {
                return cluster.image().partition(id).orElseThrow().leader() == broker
                        ? Optional.of(LogState.newBuilder()
                                .setLogEndOffset(broker * 100L)
                                .build())
                        : Optional.empty();
            }

            @Override
            public Optional<ReplicaState> replicaState(PartitionId id) {
                return Optional.of(
                        ReplicaState.newBuilder().setLogEndOffset(broker * 10L).build());
            }
        };
    }

    private final class SecondBroker extends MetadataServiceGrpc.MetadataServiceImplBase {
        private final LogStates own = new LogStates(new BrokerId(2), logsOf(2), broker -> Optional.empty());

        @Override
        public void describeTopics(DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> client) {
            questions.incrementAndGet();
            assertThat(request.getOwnLogStateOnly()).isTrue();
            List<TopicDescription> asked = descriptions().stream()
                    .filter(topic -> request.getNamesList().contains(topic.getName()))
                    .toList();
            client.onNext(DescribeTopicsResponse.newBuilder()
                    .addAllTopics(own.withOwn(asked, request.getIncludeReplicaStates()))
                    .build());
            client.onCompleted();
        }
    }
}
