package io.lograft.client;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.SenderConfig;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.PartitionLane;
import io.lograft.client.transport.ProducerRuntime;
import io.lograft.client.transport.ProducerSettings;
import io.lograft.client.transport.SendCounts;
import io.lograft.client.transport.Session;
import io.lograft.client.transport.TopicLanes;
import io.lograft.model.ErrorCode;
import io.lograft.record.BatchBuilder;
import io.lograft.record.RecordHeader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Writes records: gathers them into batches per partition, sends those to the partitions' leaders, and sends them again
 * through failures until they are acknowledged or {@link ProducerOptions#deliveryTimeout} is over. By default a record
 * that was acknowledged is committed, records of one partition keep the order in which they were sent, and retries leave
 * no duplicates.
 *
 * <pre>{@code
 * Producer producer = cluster.producer();
 * CompletableFuture<RecordMetadata> written = producer.send(ProducerRecord.of("orders", "key", "value"));
 * producer.flush();
 * }</pre>
 *
 * <p>May be used by many threads at once. {@link #send} may wait: for memory, where {@link ProducerOptions#bufferBytes}
 * are waiting to be acknowledged, and for metadata of a topic it has not met before. Callbacks, and stages that depend
 * on a future of {@code send}, run on the client's network thread and must not block. {@link #close} sends what is
 * waiting; closing the {@link Lograft} that made the producer does so, too.
 */
public final class Producer implements AutoCloseable {
    /** The last record sent is decided when its delivery timeout is over; closing must not be there before. */
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

    private static final long TOPIC_WAIT_MS_MAX = 10_000;
    private static final long SUSPECT_AFTER_MS = 2_000;
    private static final int REQUEST_TIMEOUT_MS = 30_000;

    private final Session session;
    private final ProducerOptions options;
    private final long namedId;
    private final ProducerRuntime runtime;
    private final SendCounts counts = new SendCounts();
    private volatile boolean isClosed;

    Producer(Session session, ProducerOptions options) {
        this(session, options, SenderConfig.NO_NAME);
    }

    /** With the id of a name, whose records bring their sequences along. */
    Producer(Session session, ProducerOptions options, long namedId) {
        this.session = session;
        this.options = options;
        this.namedId = namedId;
        this.runtime = session.producer(settings(options, namedId));
    }

    private static ProducerSettings settings(ProducerOptions options, long namedId) {
        boolean isAnswered = options.acks() != Acks.NONE;
        SenderConfig sender = new SenderConfig(
                options.inFlightMax(),
                options.linger().toMillis(),
                options.deliveryTimeout().toMillis(),
                SUSPECT_AFTER_MS,
                options.isIdempotent() && isAnswered && namedId == SenderConfig.NO_NAME,
                isAnswered,
                namedId);
        io.lograft.proto.v1.Acks acks = switch (options.acks()) {
            case ALL -> io.lograft.proto.v1.Acks.ACKS_ALL;
            case LEADER -> io.lograft.proto.v1.Acks.ACKS_LEADER;
            case NONE -> io.lograft.proto.v1.Acks.ACKS_NONE;
        };
        return new ProducerSettings(
                sender,
                acks,
                options.compression(),
                options.compressionLevel(),
                options.batchBytes(),
                options.bufferBytes(),
                options.blockTimeout().toMillis(),
                REQUEST_TIMEOUT_MS);
    }

    /** Sends a record; the future tells what became of it, a failure as {@link LograftException}. */
    public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
        SendOutcome.Future outcome = new SendOutcome.Future();
        append(record, outcome);
        return outcome;
    }

    /** Sends a record; the callback tells what became of it. */
    public void send(ProducerRecord record, SendCallback callback) {
        append(record, new SendOutcome.Callback(callback));
    }

    /**
     * Sends everything that is waiting and returns once all of it is acknowledged or failed, which the records' futures
     * tell. Throws IllegalStateException on the thread that runs callbacks.
     */
    public void flush() {
        checkMayBlock();
        runtime.flush().join();
    }

    /** Refuses new records, sends what is waiting, and returns once all of it is acknowledged or failed. */
    @Override
    public void close() {
        close(options.deliveryTimeout().plus(CLOSE_GRACE));
    }

    /** The same; what is not acknowledged within the time fails. */
    public void close(Duration timeout) {
        checkMayBlock();
        if (!isClosed) {
            isClosed = true;
            runtime.flush()
                    .completeOnTimeout(null, timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            runtime.close().join();
        }
    }

    /** How many records were sent so far, and what became of them. */
    public Stats stats() {
        // Outcomes before what was sent, so that no more outcomes are told than records.
        long acknowledged = counts.acknowledged();
        long failed = counts.failed();
        return new Stats(counts.sent(), acknowledged, failed);
    }

    /**
     * Records since the producer was made. Those that are neither acknowledged nor failed are waiting.
     *
     * @param sent handed to {@link #send}
     * @param acknowledged written, as {@link ProducerOptions#acks} asks
     * @param failed given up
     */
    public record Stats(long sent, long acknowledged, long failed) {
        /** Records whose outcome is not known yet. */
        public long waiting() {
            return Math.max(0, sent - acknowledged - failed);
        }
    }

    boolean isClosed() {
        return isClosed;
    }

    private void checkMayBlock() {
        if (session.isInLoop()) {
            throw new IllegalStateException("a callback must not wait for the producer that runs it");
        }
    }

    void append(ProducerRecord given, SendOutcome outcome) {
        ProducerRecord record = options.interceptor().onSend(given);
        counts.addSent();
        outcome.countedBy(counts);
        long sizeMax = sizeBytesMax(record);
        if (isClosed) {
            outcome.failed(new Failure(ErrorCode.UNAVAILABLE, "the producer is closed"));
            return;
        }
        if (sizeMax > options.recordBytesMax()) {
            outcome.failed(new Failure(
                    ErrorCode.RECORD_TOO_LARGE,
                    "a record of up to " + sizeMax + " bytes is above the limit of " + options.recordBytesMax()));
            return;
        }
        TopicLanes lanes = runtime.topic(record.topic());
        if (lanes == null) {
            lanes = awaitTopic(record.topic(), outcome);
            if (lanes == null) {
                return;
            }
        }
        long timestampMs =
                record.timestampMs() == ProducerRecord.NOW ? System.currentTimeMillis() : record.timestampMs();
        outcome.sentAt(timestampMs);
        int partition = partition(record, lanes.partitionCount());
        if (partition >= lanes.partitionCount() || partition < ProducerRecord.ANY_PARTITION) {
            outcome.failed(new Failure(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic '" + record.topic() + "' has " + lanes.partitionCount() + " partitions, no " + partition));
            return;
        }
        if (partition == ProducerRecord.ANY_PARTITION && record.key() == null) {
            if (namedId != SenderConfig.NO_NAME) {
                lanes.laneOfSequence(namedId, outcome.sequence())
                        .append(timestampMs, null, record.value(), record.headers(), outcome, (int) sizeMax);
                return;
            }
            if (lanes.sticky()
                    .appendIfRoom(timestampMs, null, record.value(), record.headers(), outcome, (int) sizeMax)) {
                return;
            }
            lanes.nextSticky(runtime.view(), record.topic())
                    .append(timestampMs, null, record.value(), record.headers(), outcome, (int) sizeMax);
            return;
        }
        PartitionLane lane =
                partition == ProducerRecord.ANY_PARTITION ? lanes.lane(record.key()) : lanes.lane(partition);
        lane.append(timestampMs, record.key(), record.value(), record.headers(), outcome, (int) sizeMax);
    }

    private int partition(ProducerRecord record, int partitionCount) {
        if (record.partition() != ProducerRecord.ANY_PARTITION) {
            return record.partition();
        }
        try {
            return options.partitioner().partition(record, partitionCount);
        } catch (RuntimeException e) {
            counts.addFailed();
            throw e;
        }
    }

    /** Waits until the topic is known; null once its absence was told to the outcome. */
    private TopicLanes awaitTopic(String topic, SendOutcome outcome) {
        long waitMs = session.isInLoop()
                ? 0
                : Math.min(TOPIC_WAIT_MS_MAX, options.blockTimeout().toMillis());
        if (waitMs > 0) {
            Calls.Reply<ClusterView> reply = session.metadata()
                    .await(view -> view.topics().containsKey(topic), waitMs)
                    .join();
            if (reply.failure() != null && reply.answer().isEmpty()) {
                outcome.failed(reply.failure());
                return null;
            }
        }
        TopicLanes lanes = runtime.topic(topic);
        if (lanes == null) {
            outcome.failed(new Failure(ErrorCode.UNKNOWN_TOPIC, "no topic '" + topic + "' within " + waitMs + " ms"));
        }
        return lanes;
    }

    private static long sizeBytesMax(ProducerRecord record) {
        long keyAndValue = length(record.key()) + length(record.value());
        List<RecordHeader> headers = record.headers();
        long headerBytes = 0;
        for (int i = 0; i < headers.size(); i++) {
            headerBytes +=
                    3L * headers.get(i).key().length() + length(headers.get(i).value());
        }
        return BatchBuilder.recordSizeBytesMax(keyAndValue, headerBytes, headers.size());
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
