package io.lograft.broker.gateway;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.OffsetAndMetadata;
import io.lograft.client.OffsetReset;
import io.lograft.client.RebalanceListener;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.wire.ErrorCodes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads for one Subscribe stream by the SDK's consumer. For one thread at a time. */
final class SdkReader implements RecordReader {
    private static final Logger LOG = LoggerFactory.getLogger(SdkReader.class);
    private static final long PREFETCH_BYTES_MIN = 64 << 10;
    private static final long PREFETCH_BYTES_MAX = 1 << 20;
    private static final int POLL_RECORDS_MAX = 1_000;
    /** Beyond the time to release: what the broker itself may need for a rebalance. */
    private static final int REBALANCE_MARGIN_MS = 10_000;

    private final SubscribeRequest.Start start;
    private final Consumer consumer;

    /** Takes part in nothing yet; the start message has been checked. */
    SdkReader(Lograft cluster, SubscribeRequest.Start start) {
        this.start = start;
        this.consumer = start.getGroup().isEmpty()
                ? cluster.consumer(options(start))
                : cluster.consumer(start.getGroup(), options(start));
    }

    private static ConsumerOptions options(SubscribeRequest.Start start) {
        int releaseMs = start.getReleaseTimeoutMs() == 0
                ? SubscribeChecks.RELEASE_TIMEOUT_MS_DEFAULT
                : start.getReleaseTimeoutMs();
        return ConsumerOptions.builder()
                .offsetReset(
                        switch (start.getOffsetReset()) {
                            case OFFSET_RESET_LATEST -> OffsetReset.LATEST;
                            case OFFSET_RESET_ERROR -> OffsetReset.ERROR;
                            case OFFSET_RESET_EARLIEST, OFFSET_RESET_UNSPECIFIED, UNRECOGNIZED -> OffsetReset.EARLIEST;
                        })
                .prefetchBytes(Math.clamp(start.getCreditBytes(), PREFETCH_BYTES_MIN, PREFETCH_BYTES_MAX))
                .pollRecordsMax(POLL_RECORDS_MAX)
                .autoCommit(Duration.ZERO)
                .sessionTimeout(Duration.ofMillis(start.getSessionTimeoutMs()))
                .rebalanceTimeout(Duration.ofMillis(releaseMs + REBALANCE_MARGIN_MS))
                .clientId("subscribe")
                .build();
    }

    @Override
    public void begin(Partitions partitions) {
        if (start.getGroup().isEmpty()) {
            partitions.assigned(assign());
        } else if (start.getTopicPattern().isEmpty()) {
            consumer.subscribe(start.getTopicsList(), listener(partitions));
        } else {
            consumer.subscribe(pattern(start), listener(partitions));
        }
    }

    /** The client's own choice of partitions: all of the topics, and those with a position. */
    private Map<TopicPartition, Long> assign() {
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        for (String topic : start.getTopicsList()) {
            consumer.partitionsOf(topic).forEach(partition -> offsets.put(partition, UNKNOWN_OFFSET));
        }
        for (SubscribeRequest.Position position : start.getPositionsList()) {
            offsets.put(new TopicPartition(position.getTopic(), position.getPartition()), position.getOffset());
        }
        consumer.assign(offsets.keySet());
        offsets.forEach((partition, offset) -> {
            if (offset != UNKNOWN_OFFSET) {
                consumer.seek(partition, offset);
            }
        });
        return offsets;
    }

    /** Names and expression as one expression. */
    static Pattern pattern(SubscribeRequest.Start start) {
        StringBuilder all = new StringBuilder("(?:" + start.getTopicPattern() + ")");
        for (String topic : start.getTopicsList()) {
            all.append('|').append(topic.replaceAll("[^a-zA-Z0-9_]", "\\\\$0"));
        }
        try {
            return Pattern.compile(all.toString());
        } catch (PatternSyntaxException e) {
            throw new LograftException(
                    ErrorCode.INVALID_REQUEST,
                    "topic_pattern '" + start.getTopicPattern() + "': " + e.getDescription());
        }
    }

    private RebalanceListener listener(Partitions partitions) {
        return new RebalanceListener() {
            @Override
            public void onAssigned(Set<TopicPartition> came) {
                partitions.assigned(committed(came));
            }

            @Override
            public void onRevoked(Set<TopicPartition> going) {
                partitions.revoked(going);
            }

            @Override
            public void onLost(Set<TopicPartition> gone) {
                partitions.lost(gone);
            }
        };
    }

    private Map<TopicPartition, Long> committed(Set<TopicPartition> partitions) {
        Map<TopicPartition, Long> offsets = new TreeMap<>();
        partitions.forEach(partition -> offsets.put(partition, UNKNOWN_OFFSET));
        try {
            consumer.committed(partitions).forEach((partition, point) -> offsets.put(partition, point.offset()));
        } catch (LograftException e) {
            // They are read all the same, from where the consumer itself knows: the client has to hear of them.
            LOG.debug("where {} begin is not told: {}", partitions, e.getMessage());
        }
        return offsets;
    }

    @Override
    public List<LogRecord> poll(long waitMs) {
        List<LogRecord> records = new ArrayList<>();
        for (ConsumerRecord record : consumer.poll(Duration.ofMillis(waitMs))) {
            records.add(PlainRecords.fromSdk(record));
        }
        return records;
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        consumer.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        consumer.resume(partitions);
    }

    @Override
    public CompletableFuture<Failure> commit(Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, OffsetAndMetadata> points = new HashMap<>();
        offsets.forEach((partition, offset) -> points.put(partition, OffsetAndMetadata.of(offset)));
        return consumer.commitAsync(points).handle((nothing, failure) -> failure == null ? null : toProto(failure));
    }

    private static Failure toProto(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof LograftException known) {
            return Failure.newBuilder()
                    .setCode(ErrorCodes.toProto(known.code()))
                    .setMessage(known.reason())
                    .build();
        }
        return Failure.newBuilder()
                .setCode(ErrorCodes.toProto(ErrorCode.INTERNAL))
                .setMessage(cause.toString())
                .build();
    }

    @Override
    public void wakeUp() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
