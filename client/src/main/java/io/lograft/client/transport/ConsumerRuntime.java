package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.fetch.FetchCredit;
import io.lograft.client.core.fetch.OffsetReset;
import io.lograft.client.core.fetch.PartitionReader;
import io.lograft.client.core.fetch.ReaderEffect;
import io.lograft.client.core.fetch.ReaderEvent;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.FetchPosition;
import io.lograft.proto.v1.FetchRemoval;
import io.lograft.proto.v1.FetchedPartition;
import io.lograft.record.BatchReader;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Runs the readers of one consumer's partitions: keeps a fetch session with each leader's broker, and fills a queue that
 * the application's thread empties. The queue is bounded by the credit that was granted. Public methods may be called
 * from any thread; the rest runs on the client loop.
 */
public final class ConsumerRuntime {
    private static final long LOOK_UP_MS = 10_000;

    private final ClientLoop loop;
    private final Metadata metadata;
    private final Connections connections;
    private final OffsetLookup offsets;
    private final Settings settings;
    private final BlockingQueue<FetchedChunk> chunks = new LinkedBlockingQueue<>();
    private final Map<TopicPartition, Long> highWatermarks = new ConcurrentHashMap<>();
    private final Consumer<ClusterView> onView = this::onView;

    private final Map<TopicPartition, Lane> lanes = new HashMap<>();
    private final Map<PartitionId, Lane> byId = new HashMap<>();
    private final Map<Integer, FetchStream> streams = new HashMap<>();
    private final Map<Integer, FetchCredit> credits = new HashMap<>();
    private long laneCount;
    private boolean isClosed;

    /**
     * How a consumer works.
     *
     * @param prefetchBytes what may be on its way or wait for the application, over all brokers
     * @param maxPartitionBytes greatest size of one partition's data in one answer
     * @param outOfRange where to go from an offset that does not exist; null: report it
     */
    public record Settings(long prefetchBytes, int maxPartitionBytes, OffsetReset outOfRange) {}

    /** One partition being read. */
    private static final class Lane {
        private final TopicPartition partition;
        private final PartitionReader reader;
        private TopicId topicId;
        private ClusterView seenView;
        private long generation;

        private Lane(TopicPartition partition, OffsetReset outOfRange, long firstNumber) {
            this.partition = partition;
            this.reader = new PartitionReader(outOfRange, firstNumber);
        }
    }

    ConsumerRuntime(
            ClientLoop loop, Metadata metadata, Connections connections, OffsetLookup offsets, Settings settings) {
        this.loop = loop;
        this.metadata = metadata;
        this.connections = connections;
        this.offsets = offsets;
        this.settings = settings;
        loop.execute(() -> metadata.onChange(onView));
        metadata.start();
    }

    /** What was read, in order per partition. */
    public BlockingQueue<FetchedChunk> chunks() {
        return chunks;
    }

    /** The newest high watermark heard of, -1 for none. */
    public long highWatermark(TopicPartition partition) {
        return highWatermarks.getOrDefault(partition, -1L);
    }

    /** Hands an event to a partition's reader; {@code generation} marks the chunks that it leads to. */
    public void send(TopicPartition partition, ReaderEvent event, long generation) {
        loop.execute(() -> {
            if (!isClosed) {
                Lane lane =
                        lanes.computeIfAbsent(partition, p -> new Lane(p, settings.outOfRange(), ++laneCount << 32));
                lane.generation = generation;
                step(lane, event);
                flushStreams();
            }
        });
    }

    /** Reads the partition no more. */
    public void remove(TopicPartition partition) {
        loop.execute(() -> {
            Lane lane = lanes.get(partition);
            if (lane != null) {
                step(lane, ReaderEvent.Pause.INSTANCE);
                lanes.remove(partition);
                byId.values().remove(lane);
                flushStreams();
            }
        });
    }

    /** The application is done with data from these brokers; more may be fetched. */
    public void consumed(Map<Integer, Long> bytesByBroker) {
        Map<Integer, Long> bytes = Map.copyOf(bytesByBroker);
        loop.execute(() -> {
            bytes.forEach(this::consumed);
            flushStreams();
        });
    }

    /** Ends all sessions. */
    public void close() {
        loop.execute(() -> {
            isClosed = true;
            metadata.forget(onView);
            lanes.clear();
            byId.clear();
            List.copyOf(streams.values()).forEach(stream -> stream.cancel("the consumer is closed"));
        });
    }

    private void consumed(int broker, long bytes) {
        FetchStream stream = streams.get(broker);
        if (stream != null) {
            stream.consumed(bytes);
        } else if (credits.containsKey(broker)) {
            credits.get(broker).consumed(bytes);
        }
    }

    private void onView(ClusterView view) {
        for (Lane lane : List.copyOf(lanes.values())) {
            step(lane, ReaderEvent.Wake.INSTANCE);
        }
        flushStreams();
    }

    /** Data or a refusal for one partition. The caller flushes the streams afterwards. */
    void onFetched(FetchStream stream, FetchedPartition message) {
        Lane lane = laneOf(message);
        if (lane == null || lane.reader.number() != message.getNumber()) {
            stream.consumed(message.getRecords().size());
            return;
        }
        if (message.hasLeaderHint()) {
            metadata.hint(lane.topicId, lane.partition.partition(), message.getLeaderHint());
        }
        if (message.hasFailure()) {
            Failure failure = new Failure(
                    ErrorCodes.fromProto(message.getFailure().getCode()),
                    message.getFailure().getMessage());
            step(lane, new ReaderEvent.Refused(message.getNumber(), failure));
            return;
        }
        highWatermarks.merge(lane.partition, message.getHighWatermark(), Math::max);
        if (!message.getRecords().isEmpty()) {
            onRecords(stream, lane, message);
        }
    }

    private void onRecords(FetchStream stream, Lane lane, FetchedPartition message) {
        ByteBuffer records = WireBytes.take(message.getRecords());
        BatchReader batches = BatchReader.over(records);
        long nextOffset = -1;
        int lastEpoch = -1;
        while (batches.advance()) {
            nextOffset = batches.batch().nextOffset();
            lastEpoch = batches.batch().leaderEpoch();
        }
        chunks.add(new FetchedChunk(lane.partition, lane.generation, records, stream.broker(), -1, null));
        if (batches.fault().isPresent() || nextOffset < 0) {
            // The application's thread finds and reports the same fault; it goes on where it tells us to.
            step(lane, ReaderEvent.Pause.INSTANCE);
        } else {
            step(lane, new ReaderEvent.Fetched(message.getNumber(), nextOffset, lastEpoch));
        }
    }

    private Lane laneOf(FetchedPartition message) {
        return byId.get(new PartitionId(WireBytes.topicId(message.getTopicId()), message.getPartition()));
    }

    void streamClosed(FetchStream stream) {
        loop.execute(() -> {
            streams.remove(stream.broker(), stream);
            for (Lane lane : List.copyOf(lanes.values())) {
                step(lane, new ReaderEvent.StreamBroken(stream.broker()));
            }
            flushStreams();
        });
    }

    void flushStreams() {
        List.copyOf(streams.values()).forEach(FetchStream::flush);
    }

    @SuppressWarnings("ReferenceEquality") // A view is compared with itself only: is it another one than seen before?
    private void step(Lane lane, ReaderEvent event) {
        List<ReaderEffect> effects = new ArrayList<>();
        long nowMs = ClientLoop.nowMs();
        ClusterView view = metadata.view();
        if (lane.seenView != view && !view.isEmpty()) {
            lane.seenView = view;
            seeLeader(lane, view, nowMs, effects);
        }
        lane.reader.on(event, nowMs, effects);
        effects.forEach(effect -> execute(lane, effect, nowMs));
    }

    private void seeLeader(Lane lane, ClusterView view, long nowMs, List<ReaderEffect> effects) {
        ClusterView.Topic topic = view.topics().get(lane.partition.topic());
        boolean isKnown =
                topic != null && lane.partition.partition() < topic.partitions().size();
        if (!isKnown || (lane.topicId != null && !topic.id().equals(lane.topicId))) {
            if (lane.topicId != null) {
                lane.reader.on(ReaderEvent.Pause.INSTANCE, nowMs, effects);
                report(lane, new Failure(ErrorCode.UNKNOWN_TOPIC, "topic " + lane.partition.topic() + " was deleted"));
            }
            return;
        }
        lane.topicId = topic.id();
        byId.put(new PartitionId(topic.id(), lane.partition.partition()), lane);
        ClusterView.Partition now = topic.partitions().get(lane.partition.partition());
        lane.reader.on(new ReaderEvent.LeaderIs(now.leader(), now.leaderEpoch()), nowMs, effects);
    }

    private void execute(Lane lane, ReaderEffect effect, long nowMs) {
        if (effect instanceof ReaderEffect.Assign assign) {
            stream(assign.broker()).next().addAssign(position(lane, assign));
        } else if (effect instanceof ReaderEffect.Unassign unassign && streams.containsKey(unassign.broker())) {
            streams.get(unassign.broker())
                    .next()
                    .addRemove(FetchRemoval.newBuilder()
                            .setTopicId(WireBytes.topicId(lane.topicId))
                            .setPartition(lane.partition.partition()));
            streams.get(unassign.broker()).flush(); // An assignment that follows must not be overtaken by it.
        } else if (effect instanceof ReaderEffect.LookUp lookUp) {
            lookUp(lane, lookUp);
        } else if (effect instanceof ReaderEffect.Positioned positioned) {
            chunks.add(new FetchedChunk(lane.partition, lane.generation, null, -1, positioned.offset(), null));
        } else if (effect instanceof ReaderEffect.Report report) {
            report(lane, report.failure());
        } else if (effect instanceof ReaderEffect.WakeAt wakeAt) {
            loop.schedule(() -> wake(lane), Math.max(1, wakeAt.timeMs() - nowMs));
        } else if (effect instanceof ReaderEffect.SuspectBroker) {
            metadata.suspect();
        }
    }

    private void wake(Lane lane) {
        if (!isClosed && lanes.containsValue(lane)) {
            step(lane, ReaderEvent.Wake.INSTANCE);
            flushStreams();
        }
    }

    private void report(Lane lane, Failure failure) {
        chunks.add(new FetchedChunk(lane.partition, lane.generation, null, -1, -1, failure));
    }

    private static FetchPosition position(Lane lane, ReaderEffect.Assign assign) {
        return FetchPosition.newBuilder()
                .setTopicId(WireBytes.topicId(lane.topicId))
                .setPartition(lane.partition.partition())
                .setOffset(assign.offset())
                .setCurrentLeaderEpoch(assign.leaderEpoch())
                .setLastReadEpoch(assign.lastReadEpoch())
                .setNumber(assign.number())
                .build();
    }

    private void lookUp(Lane lane, ReaderEffect.LookUp lookUp) {
        OffsetLookup.Question question =
                lookUp.end() == OffsetReset.EARLIEST ? new OffsetLookup.Earliest() : new OffsetLookup.Latest();
        offsets.ask(Map.of(lane.partition, question), LOOK_UP_MS).thenAccept(reply -> {
            if (isClosed || lane.reader.number() != lookUp.number()) {
                return;
            }
            if (reply.failure() == null) {
                long offset = reply.answer().get(lane.partition).offset();
                step(lane, new ReaderEvent.Found(lookUp.number(), offset));
                flushStreams();
            } else if (reply.failure().code().isRetriable()) {
                report(lane, reply.failure());
                loop.schedule(() -> lookUp(lane, lookUp), 1);
            } else {
                report(lane, reply.failure());
            }
        });
    }

    private FetchStream stream(int broker) {
        FetchStream present = streams.get(broker);
        if (present != null) {
            return present;
        }
        int brokers = Math.max(1, metadata.view().brokers().size());
        FetchCredit credit =
                credits.computeIfAbsent(broker, b -> new FetchCredit(Math.max(1, settings.prefetchBytes() / brokers)));
        FetchStream opened =
                new FetchStream(this, broker, connections.channelTo(broker), credit, settings.maxPartitionBytes());
        streams.put(broker, opened);
        opened.open();
        return opened;
    }
}
