package io.lograft.broker.gateway;

import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.client.ProducerRecord;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Calls of the simple API, from the bytes to what its gateway gets, and back. There is a cluster behind the gateway that has
 * every topic and takes every record. The SDK, which carries calls out in a broker, is asked only whether it would begin:
 * there is nobody where it connects to. See {@link FuzzedService}.
 */
public final class LogServiceFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private static final SdkGateway SDK = connected();

    private LogServiceFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            ConcurrentLinkedQueue<Throwable> broken = new ConcurrentLinkedQueue<>();
            try (LogServiceApi service = new LogServiceApi(new EverythingGoes(), broken::add)) {
                new FuzzedService(service.bindService(), () -> {}).call(input);
            }
            if (!broken.isEmpty()) {
                throw new AssertionError("this would end the process", broken.peek());
            }
        });
    }

    /** Nothing listens on this port. Made before the first input, whose time it would take; closed with the process. */
    private static SdkGateway connected() {
        SdkGateway sdk = new SdkGateway(() -> "127.0.0.1:1");
        sdk.writer("").close();
        sdk.reader(SubscribeRequest.Start.getDefaultInstance()).close();
        return sdk;
    }

    private static LogRecord record(String topic, int partition, long offset) {
        return LogRecord.newBuilder()
                .setTopic(topic)
                .setPartition(partition)
                .setOffset(offset)
                .build();
    }

    private static final class EverythingGoes implements RecordGateway {
        @Override
        public Written write(ProducerRecord record) {
            return new Written(record.partition(), 7, record.timestampMs(), false);
        }

        @Override
        public RecordWriter writer(String producerName) {
            SDK.writer(producerName).close();
            return new Writer(this);
        }

        @Override
        public RecordReader reader(SubscribeRequest.Start start) {
            SDK.reader(start).close();
            if (!start.getTopicPattern().isEmpty()) {
                var unused = SdkReader.pattern(start);
            }
            return new Reader(new FakeReader().madeFor(start));
        }

        @Override
        public Read read(TopicPartition partition, long offset, Limits limits) {
            return new Read(List.of(record(partition.topic(), partition.partition(), offset)), offset, 0);
        }

        @Override
        public void close() {
            // Nothing of its own to close.
        }
    }

    private record Writer(RecordGateway gateway) implements RecordWriter {
        @Override
        public void write(ProducerRecord record, long sequence, Answer answer) {
            answer.written(gateway.write(record));
        }

        @Override
        public void close() {
            // Nothing of its own to close.
        }
    }

    /** One partition comes, has a record, and goes; commits are done at once. */
    private record Reader(FakeReader fake) implements RecordReader {
        @Override
        public void begin(Partitions partitions) {
            fake.begin(partitions);
            fake.come(Map.of(ORDERS, 3L));
            fake.give(record(ORDERS.topic(), ORDERS.partition(), 3));
            fake.revoke(Set.of(ORDERS));
        }

        @Override
        public List<LogRecord> poll(long waitMs) {
            return fake.poll(waitMs);
        }

        @Override
        public void pause(Collection<TopicPartition> partitions) {
            fake.pause(partitions);
        }

        @Override
        public void resume(Collection<TopicPartition> partitions) {
            fake.resume(partitions);
        }

        @Override
        public CompletableFuture<Failure> commit(Map<TopicPartition, Long> offsets) {
            CompletableFuture<Failure> outcome = fake.commit(offsets);
            outcome.complete(null);
            return outcome;
        }

        @Override
        public void wakeUp() {
            fake.wakeUp();
        }

        @Override
        public void close() {
            fake.close();
        }
    }
}
