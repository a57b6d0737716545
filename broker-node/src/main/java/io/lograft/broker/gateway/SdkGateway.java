package io.lograft.broker.gateway;

import io.lograft.broker.concurrent.Lazy;
import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.LograftOptions;
import io.lograft.client.OffsetReset;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The gateway by the Java SDK, with this broker as its bootstrap: it finds leaders as any client does. Connects when it
 * is first used. One producer serves all writes, so that they share batches; each read has a consumer of its own.
 */
final class SdkGateway implements RecordGateway {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration BLOCK_TIMEOUT = Duration.ofSeconds(2);
    private static final long PREFETCH_BYTES = 1 << 20;
    private static final long ARRIVAL_MS_MAX = 5_000;
    private static final long POLL_MS_MAX = 200;
    private static final long NANOS_PER_MS = 1_000_000;

    private static final int STREAM_BYTES_MAX = 48 << 20;
    // More than the streams' bytes, so that a record of theirs never finds the buffer full.
    private static final ProducerOptions OPTIONS = ProducerOptions.builder()
            .linger(Duration.ZERO)
            .bufferBytes(96L << 20)
            .blockTimeout(BLOCK_TIMEOUT)
            .deliveryTimeout(DELIVERY_TIMEOUT)
            .build();

    private final StreamBytes streamBytes = new StreamBytes(STREAM_BYTES_MAX);
    private final Lazy<Connection> connection;
    private volatile boolean isClosed;

    /** One producer for single records, one for those of streams, which must not hold up single ones. */
    private record Connection(Lograft cluster, Producer producer, Producer streams) {}

    /** Will connect to this broker's own address, {@code host:port}. */
    SdkGateway(Supplier<String> ownAddress) {
        this.connection = new Lazy<>(() -> connect(ownAddress.get()));
    }

    private static Connection connect(String address) {
        Lograft cluster = Lograft.connect(LograftOptions.of(address).withRequestTimeout(REQUEST_TIMEOUT));
        return new Connection(cluster, cluster.producer(OPTIONS), cluster.producer(OPTIONS));
    }

    @Override
    public RecordWriter writer(String producerName) {
        checkOpen();
        Connection made = connection.value();
        return producerName.isEmpty()
                ? StreamWriter.plain(streamBytes, made.streams())
                : StreamWriter.named(streamBytes, made.cluster().namedProducer(producerName, OPTIONS));
    }

    @Override
    public RecordReader reader(SubscribeRequest.Start start) {
        checkOpen();
        return new SdkReader(connection.value().cluster(), start);
    }

    @Override
    public Written write(ProducerRecord record) {
        checkOpen();
        try {
            RecordMetadata written = connection.value().producer().send(record).join();
            return new Written(written.partition(), written.offset(), written.timestampMs(), written.isDuplicate());
        } catch (CompletionException e) {
            if (e.getCause() instanceof LograftException failure) {
                throw failure;
            }
            throw e;
        }
    }

    @Override
    public Read read(TopicPartition partition, long offset, Limits limits) {
        checkOpen();
        ConsumerOptions options = ConsumerOptions.builder()
                .offsetReset(OffsetReset.ERROR)
                .prefetchBytes(PREFETCH_BYTES)
                .pollRecordsMax(limits.recordsMax())
                .build();
        try (Consumer consumer = connection.value().cluster().consumer(options)) {
            List<TopicPartition> only = List.of(partition);
            long logStart = consumer.beginningOffsets(only).get(partition);
            long end = consumer.endOffsets(only).get(partition);
            if (offset < logStart || offset > end) {
                throw new LograftException(
                        ErrorCode.OFFSET_OUT_OF_RANGE,
                        "partition " + partition + " has offsets " + logStart + " to " + end + ", not " + offset);
            }
            long waitMs = offset < end ? Math.max(limits.waitMsMax(), ARRIVAL_MS_MAX) : limits.waitMsMax();
            if (waitMs == 0) {
                return new Read(List.of(), end, logStart);
            }
            consumer.assign(partition);
            consumer.seek(partition, offset);
            List<LogRecord> records = poll(consumer, limits, waitMs);
            return new Read(records, Math.max(end, consumer.lastKnownHighWatermark(partition)), logStart);
        }
    }

    /** Waits for the first records, and takes what came with them. */
    private List<LogRecord> poll(Consumer consumer, Limits limits, long waitMs) {
        long deadlineNs = System.nanoTime() + waitMs * NANOS_PER_MS;
        List<LogRecord> records = new ArrayList<>();
        long sizeBytes = 0;
        long leftNs = waitMs * NANOS_PER_MS;
        while (records.isEmpty() && leftNs > 0 && !isClosed) {
            long pollNs = Math.min(leftNs, POLL_MS_MAX * NANOS_PER_MS);
            for (ConsumerRecord record : consumer.poll(Duration.ofNanos(pollNs))) {
                LogRecord plain = PlainRecords.fromSdk(record);
                sizeBytes += plain.getSerializedSize();
                if (!records.isEmpty() && sizeBytes > limits.sizeBytesMax()) {
                    return records;
                }
                records.add(plain);
            }
            leftNs = deadlineNs - System.nanoTime();
        }
        return records;
    }

    private void checkOpen() {
        if (isClosed) {
            throw new LograftException(ErrorCode.UNAVAILABLE, "this broker stops");
        }
    }

    @Override
    public void close() {
        isClosed = true;
        connection.ifMade().ifPresent(made -> {
            made.producer().close(Duration.ZERO);
            made.streams().close(Duration.ZERO);
            made.cluster().close();
        });
    }
}
