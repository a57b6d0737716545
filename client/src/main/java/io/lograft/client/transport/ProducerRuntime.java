package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchAck;
import io.lograft.client.core.produce.ProducerBatch;
import io.lograft.client.core.produce.ProducerIdentity;
import io.lograft.client.core.produce.SenderEffect;
import io.lograft.client.core.produce.SenderEvent;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.wire.ErrorCodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Runs the senders of one producer's partitions and carries out what they want: keeps a stream to each leader's broker,
 * hands answers, breaks, metadata and timers back. Public methods may be called from any thread; the rest runs on the
 * client loop.
 */
public final class ProducerRuntime {
    private static final long FINISH_MS_MAX = 2_000;

    private final ClientLoop loop;
    private final Metadata metadata;
    private final Connections connections;
    private final ProducerSettings settings;
    private final BufferMemory memory;
    private final IdentityPool identities;
    private final Map<String, TopicLanes> topics = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<PartitionLane> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isWakeScheduled = new AtomicBoolean();
    private final Consumer<ClusterView> onView = this::onView;

    private final Map<Integer, ProduceStream> streams = new HashMap<>();
    private final List<PartitionLane> lanes = new ArrayList<>();
    private final List<Flush> flushes = new ArrayList<>();
    private Failure closedBy;
    /** Completed once the streams have ended that are to end by themselves; null while there are none. */
    private CompletableFuture<Void> finished;

    /** Somebody waits until each of these lanes has this many records done. */
    private record Flush(Map<PartitionLane, Long> targets, CompletableFuture<Void> done) {}

    ProducerRuntime(
            ClientLoop loop, Metadata metadata, Connections connections, Calls calls, ProducerSettings settings) {
        this.loop = loop;
        this.metadata = metadata;
        this.connections = connections;
        this.settings = settings;
        this.memory = new BufferMemory(settings.bufferBytes());
        this.identities = new IdentityPool(calls, this::onIdentity);
        loop.execute(() -> metadata.onChange(onView));
        metadata.start();
    }

    ProducerSettings settings() {
        return settings;
    }

    BufferMemory memory() {
        return memory;
    }

    public ClusterView view() {
        return metadata.view();
    }

    /** The lanes of a topic; null while the topic is not known. */
    public TopicLanes topic(String name) {
        ClusterView.Topic known = metadata.view().topics().get(name);
        TopicLanes present = topics.get(name);
        if (known == null) {
            return null;
        }
        if (present != null
                && present.id().equals(known.id())
                && present.partitionCount() == known.partitions().size()) {
            return present;
        }
        return topics.compute(name, (n, old) -> grow(known, old));
    }

    /** Waits for memory; a failure at once on the client loop, which must not wait. */
    Failure awaitMemory(int bytes) {
        return memory.await(bytes, loop.isInLoop() ? 0 : settings.blockMs());
    }

    private TopicLanes grow(ClusterView.Topic topic, TopicLanes old) {
        boolean isSame = old != null && old.id().equals(topic.id());
        List<PartitionLane> grown = new ArrayList<>(isSame ? old.all() : List.of());
        for (int i = grown.size(); i < topic.partitions().size(); i++) {
            PartitionLane lane = new PartitionLane(this, new TopicPartition(topic.name(), i), topic.id());
            grown.add(lane);
            loop.execute(() -> register(lane));
        }
        return new TopicLanes(topic.id(), grown);
    }

    private void register(PartitionLane lane) {
        lanes.add(lane);
        if (closedBy != null) {
            lane.close(closedBy);
        }
        step(lane, SenderEvent.Wake.INSTANCE);
        flushStreams();
    }

    /** A lane has something for the loop. From any thread. */
    void woken(PartitionLane lane) {
        woken.add(lane);
        if (isWakeScheduled.compareAndSet(false, true)) {
            loop.execute(this::drainWoken);
        }
    }

    private void drainWoken() {
        isWakeScheduled.set(false);
        for (PartitionLane lane = woken.poll(); lane != null; lane = woken.poll()) {
            lane.clearWoken();
            step(lane, SenderEvent.Wake.INSTANCE);
        }
        flushStreams();
    }

    /** Sends everything that was added up to now, and completes once all of it is acknowledged or failed. */
    public CompletableFuture<Void> flush() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            Map<PartitionLane, Long> targets = new HashMap<>();
            for (PartitionLane lane : lanes) {
                targets.put(lane, lane.closeOpen());
            }
            flushes.add(new Flush(targets, done));
            for (PartitionLane lane : List.copyOf(lanes)) {
                step(lane, SenderEvent.Wake.INSTANCE);
            }
            flushStreams();
            completeFlushes();
        });
        return done;
    }

    /**
     * Fails what is not acknowledged, and ends the streams. Where brokers do not answer (acks NONE) nothing but the end of
     * a stream tells that they have what was sent, so that is waited for, for 2 s at most.
     */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            closedBy = new Failure(ErrorCode.UNAVAILABLE, "the producer is closed");
            metadata.forget(onView);
            identities.close();
            for (PartitionLane lane : List.copyOf(lanes)) {
                lane.close(closedBy);
                step(lane, new SenderEvent.Aborted(closedBy));
            }
            completeFlushes();
            if (settings.sender().isAnswered() || streams.isEmpty()) {
                cancelStreams();
                done.complete(null);
                return;
            }
            finished = done;
            List.copyOf(streams.values()).forEach(ProduceStream::finish);
            loop.schedule(
                    () -> {
                        cancelStreams();
                        done.complete(null);
                    },
                    FINISH_MS_MAX);
        });
        return done;
    }

    private void cancelStreams() {
        List.copyOf(streams.values()).forEach(stream -> stream.cancel("the producer is closed"));
    }

    private void onView(ClusterView view) {
        for (PartitionLane lane : List.copyOf(lanes)) {
            step(lane, SenderEvent.Wake.INSTANCE);
        }
        flushStreams();
    }

    private void onIdentity(PartitionLane lane, ProducerIdentity identity) {
        step(lane, new SenderEvent.IdentityGranted(identity));
        flushStreams();
    }

    /** An answer to a batch. The caller flushes the streams afterwards. */
    void onResult(ProduceStream.Sent sent, ProduceResult result) {
        PartitionLane lane = sent.lane();
        if (result.hasLeaderHint()) {
            metadata.hint(lane.topicId(), lane.partition().partition(), result.getLeaderHint());
        }
        if (result.hasFailure()) {
            Failure failure = new Failure(
                    ErrorCodes.fromProto(result.getFailure().getCode()),
                    result.getFailure().getMessage());
            step(lane, new SenderEvent.Refused(sent.batch(), sent.senderCorrelationId(), failure));
            return;
        }
        BatchAck ack = new BatchAck(
                lane.partition(),
                result.getBaseOffset(),
                result.getLeaderEpoch(),
                result.getLogAppendTimeMs(),
                result.getReplicasHolding(),
                result.getReplicasFlushed(),
                result.getDuplicate());
        step(lane, new SenderEvent.Acknowledged(sent.batch(), ack));
    }

    /** Handled as a task of its own, because a stream may end while a step is being carried out. */
    void streamClosed(ProduceStream stream, Failure failure) {
        loop.execute(() -> onStreamClosed(stream, failure));
    }

    private void onStreamClosed(ProduceStream stream, Failure failure) {
        streams.remove(stream.broker(), stream);
        SenderEvent broken = new SenderEvent.StreamBroken(stream.broker(), failure);
        for (PartitionLane lane : List.copyOf(lanes)) {
            step(lane, broken);
        }
        flushStreams();
        if (finished != null && streams.isEmpty()) {
            finished.complete(null);
        }
    }

    void flushStreams() {
        for (ProduceStream stream : List.copyOf(streams.values())) {
            stream.flush();
        }
    }

    @SuppressWarnings("ReferenceEquality") // A view is compared with itself only: is it another one than seen before?
    private void step(PartitionLane lane, SenderEvent event) {
        List<SenderEffect> effects = new ArrayList<>();
        long nowMs = ClientLoop.nowMs();
        ClusterView view = metadata.view();
        if (lane.seenView != view && !view.isEmpty()) {
            lane.seenView = view;
            lane.sender.on(leaderNow(lane, view), nowMs, effects);
        }
        lane.sender.on(event, nowMs, effects);
        boolean isSomethingDone = false;
        for (SenderEffect effect : effects) {
            isSomethingDone |= execute(lane, effect, nowMs);
        }
        if (isSomethingDone && !flushes.isEmpty()) {
            completeFlushes();
        }
    }

    private SenderEvent leaderNow(PartitionLane lane, ClusterView view) {
        ClusterView.Topic topic = view.topics().get(lane.partition().topic());
        if (topic == null || !topic.id().equals(lane.topicId())) {
            Failure gone = new Failure(
                    ErrorCode.UNKNOWN_TOPIC, "topic " + lane.partition().topic() + " was deleted");
            lane.close(gone);
            lanes.remove(lane);
            return new SenderEvent.TopicGone(gone);
        }
        ClusterView.Partition now = topic.partitions().get(lane.partition().partition());
        return new SenderEvent.LeaderIs(now.leader(), now.leaderEpoch());
    }

    /** Carries out an effect; true if it ended a batch. */
    private boolean execute(PartitionLane lane, SenderEffect effect, long nowMs) {
        if (effect instanceof SenderEffect.Send send) {
            stream(send.broker()).add(lane, send.batch(), send.leaderEpoch());
        } else if (effect instanceof SenderEffect.Acknowledge acknowledge) {
            acknowledge.batch().acknowledge(acknowledge.ack());
            return done(lane, acknowledge.batch());
        } else if (effect instanceof SenderEffect.Fail fail) {
            fail.batch().fail(fail.failure());
            return done(lane, fail.batch());
        } else if (effect instanceof SenderEffect.AskIdentity ask) {
            loop.execute(() -> identities.ask(lane, ask.used()));
        } else if (effect instanceof SenderEffect.WakeAt wakeAt) {
            loop.schedule(
                    () -> {
                        step(lane, SenderEvent.Wake.INSTANCE);
                        flushStreams();
                    },
                    Math.max(1, wakeAt.timeMs() - nowMs));
        } else if (effect instanceof SenderEffect.Stop stop) {
            lane.close(stop.failure());
            loop.execute(() -> step(lane, SenderEvent.Wake.INSTANCE));
        } else if (effect instanceof SenderEffect.SuspectBroker) {
            metadata.suspect();
        }
        return false;
    }

    private boolean done(PartitionLane lane, ProducerBatch batch) {
        lane.doneCount += batch.recordCount();
        memory.release(batch.reservedBytes());
        return true;
    }

    private void completeFlushes() {
        flushes.removeIf(flush -> {
            flush.targets().entrySet().removeIf(target -> target.getKey().doneCount >= target.getValue());
            return flush.targets().isEmpty() && flush.done().complete(null);
        });
    }

    private ProduceStream stream(int broker) {
        ProduceStream present = streams.get(broker);
        if (present != null) {
            return present;
        }
        ProduceStream opened = new ProduceStream(this, broker, connections.channelTo(broker));
        streams.put(broker, opened);
        opened.open();
        return opened;
    }
}
