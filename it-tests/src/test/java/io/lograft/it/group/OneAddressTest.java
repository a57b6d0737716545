package io.lograft.it.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.hosts.Hosts;
import io.lograft.proto.v1.LogServiceGrpc;
import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.OffsetReset;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that reach one broker only, on three hosts of their own: whatever leads or coordinates elsewhere, they write and
 * read everything. Needs root, for network namespaces.
 */
@Tag("it")
@Tag("root")
class OneAddressTest {
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 600;
    private static final int WAIT_S = 60;

    @RegisterExtension
    final ClusterProcesses brokers = ClusterProcesses.onHosts(3);

    @TempDir
    Path directory;

    /** Brokers 2 and 3 answer the machine of the tests as if nothing listened there. */
    private void hideTwo() {
        brokers.hosts().cutOneWay(Hosts.TESTS, 2);
        brokers.hosts().cutOneWay(Hosts.TESTS, 3);
    }

    @Test
    void theSdkWritesAndReadsEverythingByOneBroker() throws Exception {
        brokers.start(directory);
        hideTwo();
        try (Lograft cluster = Lograft.connect(brokers.address(1))) {
            cluster.admin()
                    .createTopic(NewTopic.of(TOPIC).withPartitions(PARTITIONS).withReplication(3));
            write(cluster);
            // Several groups, so that some are coordinated by each broker.
            for (int group = 0; group < 6; group++) {
                assertThat(readAsGroup(cluster, "group-" + group))
                        .as("records of group " + group)
                        .isEqualTo(RECORDS);
            }
        }
    }

    private static void write(Lograft cluster) throws Exception {
        try (Producer producer = cluster.producer()) {
            List<CompletableFuture<RecordMetadata>> written = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                written.add(producer.send(ProducerRecord.of(TOPIC, Integer.toString(i), "record " + i)));
            }
            for (CompletableFuture<RecordMetadata> one : written) {
                one.get(WAIT_S, TimeUnit.SECONDS);
            }
        }
    }

    private static int readAsGroup(Lograft cluster, String group) {
        Set<String> values = new TreeSet<>();
        try (Consumer consumer = cluster.consumer(group)) {
            consumer.subscribe(TOPIC);
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
            while (values.size() < RECORDS && System.nanoTime() < deadlineNs) {
                for (ConsumerRecord record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.valueText());
                }
            }
            consumer.commit();
        }
        return values.size();
    }

    @Test
    void aThinClientWritesAndReadsEverythingByOneBroker() throws Exception {
        brokers.start(directory);
        hideTwo();
        try (Lograft cluster = Lograft.connect(brokers.address(1))) {
            cluster.admin()
                    .createTopic(NewTopic.of(TOPIC).withPartitions(PARTITIONS).withReplication(3));
        }
        ManagedChannel channel = ManagedChannelBuilder.forTarget(brokers.address(1))
                .usePlaintext()
                .build();
        try {
            Set<String> written = new TreeSet<>();
            for (int i = 0; i < 60; i++) {
                written.add("record " + i);
                LogServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(WAIT_S, TimeUnit.SECONDS)
                        .publishOne(PublishOneRequest.newBuilder()
                                .setTopic(TOPIC)
                                .setRecord(NewRecord.newBuilder()
                                        .setKey(ByteString.copyFromUtf8(Integer.toString(i)))
                                        .setValue(ByteString.copyFromUtf8("record " + i)))
                                .build());
            }
            assertThat(readBySubscription(channel, written.size())).isEqualTo(written);
        } finally {
            channel.shutdownNow();
        }
    }

    private static Set<String> readBySubscription(ManagedChannel channel, int count) throws Exception {
        LinkedBlockingQueue<SubscribeResponse> responses = new LinkedBlockingQueue<>();
        CompletableFuture<Void> failed = new CompletableFuture<>();
        StreamObserver<SubscribeRequest> requests = LogServiceGrpc.newStub(channel)
                .subscribe(new StreamObserver<SubscribeResponse>() {
                    @Override
                    public void onNext(SubscribeResponse response) {
                        responses.add(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        failed.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        failed.complete(null);
                    }
                });
        requests.onNext(SubscribeRequest.newBuilder()
                .setStart(SubscribeRequest.Start.newBuilder()
                        .addTopics(TOPIC)
                        .setGroup("thin")
                        .setCreditBytes(1 << 20)
                        .setOffsetReset(OffsetReset.OFFSET_RESET_EARLIEST))
                .build());
        Set<String> read = new TreeSet<>();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (read.size() < count && System.nanoTime() < deadlineNs && !failed.isDone()) {
            SubscribeResponse response = responses.poll(200, TimeUnit.MILLISECONDS);
            if (response != null) {
                response.getRecordsList()
                        .forEach(record -> read.add(record.getValue().toString(StandardCharsets.UTF_8)));
            }
        }
        requests.onCompleted();
        assertThat(failed).as("ended without a failure").isNotCompletedExceptionally();
        return read;
    }
}
