package io.lograft.broker.group.runtime;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.broker.replica.runtime.ReadView;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of {@code __consumer_offsets}, while this broker leads it. Loads the partition as far as
 * it reached when this leadership was seen, once all of that is committed; then decides. Answers wait until everything
 * that was decided before them is committed. Where the outcome of an append is not known, the shard forgets what it
 * decided and loads anew.
 *
 * <p>Owned by: its group loop, but for {@link #viewChanged}.
 */
final class CoordinatorShard {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorShard.class);
    private static final int REQUESTS_MAX = 10_000;
    /** While more than this waits for the log, no more commits are taken: they alone may bring much. */
    static final long WAITING_BYTES_MAX = 8 << 20;

    private static final long RELOAD_AFTER_MS = 200;
    private static final long RELOAD_AFTER_FAILURE_MS = 5_000;

    private enum State {
        FOLLOWING,
        LOADING,
        ACTIVE
    }

    private final GroupPartition partition;
    private final GroupLoop loop;
    private final Supplier<GroupShard> cores;
    private final GroupLogWriter writer;
    private final Map<Long, Consumer<GroupReply>> requests = new HashMap<>();
    private final Deque<Runnable> whenLoaded = new ArrayDeque<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final List<GroupEffect> effects = new ArrayList<>();
    private State state = State.FOLLOWING;
    private int epoch = -1;
    private GroupLogReader reader;
    private GroupShard core;
    /** The newest topics that were heard of while loading; null: none. */
    private TopicCatalog newerTopics;

    private long lastRequestId;
    private long tickDueMs = Long.MAX_VALUE;

    /** An answer that waits for everything up to this many batches to be committed. */
    private record Waiting(long batches, long requestId, GroupReply reply) {}

    CoordinatorShard(GroupPartition partition, GroupLoop loop, Supplier<GroupShard> cores) {
        this.partition = partition;
        this.loop = loop;
        this.cores = cores;
        this.writer = new GroupLogWriter(partition, loop, this::batchCommitted, this::batchInDoubt);
    }

    /** The partition may have another leader or high watermark. Any thread. */
    void viewChanged() {
        loop.execute(this::look);
    }

    private void look() {
        ReadView view = partition.view();
        if (!view.isLeader()) {
            if (state != State.FOLLOWING) {
                LOG.info("{}: no longer coordinates groups", partition.name());
                stop(ErrorCode.NOT_COORDINATOR, partition.name() + " is no longer led here");
            }
        } else if (state == State.FOLLOWING || epoch != view.leaderEpoch()) {
            stop(ErrorCode.NOT_COORDINATOR, partition.name() + " has another leader epoch");
            startLoading(view.leaderEpoch());
        } else if (state == State.LOADING) {
            load();
        }
    }

    /** Forgets what was decided; nothing that waits was promised to anybody. */
    private void stop(ErrorCode code, String message) {
        state = State.FOLLOWING;
        core = null;
        reader = null;
        newerTopics = null;
        tickDueMs = Long.MAX_VALUE;
        writer.abandon();
        waiting.clear();
        GroupReply refused = new GroupReply.Refused(code, message);
        List<Consumer<GroupReply>> unanswered = List.copyOf(requests.values());
        requests.clear();
        unanswered.forEach(reply -> reply.accept(refused));
        List<Runnable> late = List.copyOf(whenLoaded);
        whenLoaded.clear();
        late.forEach(Runnable::run);
    }

    /** Everything that an earlier leader, or this one, may have acknowledged is below the end of the log as of now. */
    private void startLoading(int leaderEpoch) {
        state = State.LOADING;
        epoch = leaderEpoch;
        writer.begin(leaderEpoch);
        core = cores.get();
        reader = new GroupLogReader(partition, partition.logEndOffset(), core::replay);
        load();
    }

    private void load() {
        try {
            switch (reader.readOn()) {
                case MORE -> loop.execute(this::loadMore);
                case WAITING -> LOG.debug("{}: loading waits for the high watermark", partition.name());
                case DONE -> loaded();
            }
        } catch (IOException failed) {
            partition.readFailed(failed);
            LOG.error("{}: the groups cannot be loaded: {}", partition.name(), failed.toString());
            stop(ErrorCode.COORDINATOR_NOT_AVAILABLE, partition.name() + ": " + failed.getMessage());
            loop.schedule(RELOAD_AFTER_FAILURE_MS, this::look);
        }
    }

    private void loadMore() {
        if (state == State.LOADING) {
            load();
        }
    }

    private void loaded() {
        state = State.ACTIVE;
        LOG.info(
                "{}: coordinates its groups in leader epoch {}, after {} records",
                partition.name(),
                epoch,
                reader.recordCount());
        reader = null;
        core.loaded(now(), effects);
        if (newerTopics != null) {
            core.topicsChanged(newerTopics, now(), effects);
            newerTopics = null;
        }
        carryOut();
        scheduleTick(core.nextDeadlineMs());
        List<Runnable> late = List.copyOf(whenLoaded);
        whenLoaded.clear();
        late.forEach(Runnable::run);
    }

    /**
     * Decides about a request; the reply comes once, on the loop.
     *
     * @param gone completes when the connection by which the request came is gone
     */
    void handle(GroupRequest request, CompletableFuture<Void> gone, Consumer<GroupReply> reply) {
        if (state == State.LOADING) {
            whenLoaded(() -> handle(request, gone, reply), reply);
            return;
        }
        if (state == State.FOLLOWING) {
            reply.accept(new GroupReply.Refused(
                    ErrorCode.NOT_COORDINATOR, partition.name() + " is not led here, so its groups are elsewhere"));
            return;
        }
        if (requests.size() >= REQUESTS_MAX) {
            reply.accept(new GroupReply.Refused(
                    ErrorCode.BUSY, REQUESTS_MAX + " requests wait for the groups of " + partition.name()));
            return;
        }
        if (request instanceof GroupRequest.CommitOffsets && writer.waitingBytes() > WAITING_BYTES_MAX) {
            reply.accept(new GroupReply.Refused(
                    ErrorCode.BUSY, writer.waitingBytes() + " bytes wait for the log of " + partition.name()));
            return;
        }
        long id = ++lastRequestId;
        requests.put(id, reply);
        var unused = gone.thenRun(() -> loop.execute(() -> abandoned(request.groupId(), id)));
        core.handle(id, request, now(), effects);
        carryOut();
        scheduleTick(core.nextDeadlineMs(request.groupId()));
    }

    /**
     * As {@link #handle}, for an answer that must not come from an earlier leadership than this one: refused where the
     * shard has not seen it yet, and might show what the group had before.
     */
    void handleAsOf(int leaderEpoch, GroupRequest request, CompletableFuture<Void> gone, Consumer<GroupReply> reply) {
        if (state == State.FOLLOWING || epoch < leaderEpoch) {
            reply.accept(new GroupReply.Refused(
                    ErrorCode.NOT_COORDINATOR,
                    partition.name() + " is led in epoch " + leaderEpoch + ", and not here or not yet"));
        } else {
            handle(request, gone, reply);
        }
    }

    private void abandoned(String groupId, long requestId) {
        if (state == State.ACTIVE && requests.containsKey(requestId)) {
            core.abandoned(groupId, requestId, now(), effects);
            carryOut();
            scheduleTick(core.nextDeadlineMs(groupId));
        }
    }

    /** The groups here; none where another broker leads by now. Waits until the shard is loaded. */
    void list(Consumer<Collection<GroupDescription>> reply) {
        if (state == State.LOADING && whenLoaded.size() < REQUESTS_MAX) {
            whenLoaded.add(() -> list(reply));
        } else {
            reply.accept(state == State.ACTIVE ? core.list() : List.of());
        }
    }

    private void whenLoaded(Runnable work, Consumer<GroupReply> reply) {
        if (whenLoaded.size() < REQUESTS_MAX) {
            whenLoaded.add(work);
        } else {
            reply.accept(new GroupReply.Refused(
                    ErrorCode.COORDINATOR_NOT_AVAILABLE, "the groups of " + partition.name() + " are being loaded"));
        }
    }

    /** Topics or partitions came or went. */
    void topicsChanged(TopicCatalog topics) {
        if (state == State.ACTIVE) {
            core.topicsChanged(topics, now(), effects);
            carryOut();
            scheduleTick(core.nextDeadlineMs());
        } else if (state == State.LOADING) {
            newerTopics = topics;
        }
    }

    private void scheduleTick(long dueMs) {
        if (dueMs < tickDueMs) {
            tickDueMs = dueMs;
            loop.schedule(dueMs - loop.clock().nowMs(), () -> tick(dueMs));
        }
    }

    private void tick(long scheduledMs) {
        if (state != State.ACTIVE || scheduledMs != tickDueMs) {
            return;
        }
        tickDueMs = Long.MAX_VALUE;
        core.tick(now(), effects);
        carryOut();
        scheduleTick(core.nextDeadlineMs());
    }

    private void carryOut() {
        for (GroupEffect effect : effects) {
            switch (effect) {
                case GroupEffect.Append append -> writer.append(append.records());
                case GroupEffect.Reply reply ->
                    waiting.addLast(new Waiting(writer.lastBatch(), reply.requestId(), reply.reply()));
            }
        }
        effects.clear();
        writer.send();
        answer();
    }

    private void answer() {
        while (!waiting.isEmpty() && waiting.peekFirst().batches() <= writer.committedBatches()) {
            Waiting next = waiting.pollFirst();
            Consumer<GroupReply> reply = requests.remove(next.requestId());
            if (reply == null) {
                throw new IllegalStateException(
                        partition.name() + ": request " + next.requestId() + " was answered twice");
            }
            reply.accept(next.reply());
        }
    }

    private void batchCommitted() {
        writer.send();
        answer();
    }

    private void batchInDoubt(ErrorCode code, String message) {
        LOG.warn("{}: what was decided about groups may be lost, loading anew: {}", partition.name(), message);
        stop(ErrorCode.COORDINATOR_NOT_AVAILABLE, partition.name() + ": " + message);
        loop.schedule(RELOAD_AFTER_MS, this::look);
    }

    private GroupShard.Clocks now() {
        return new GroupShard.Clocks(loop.clock().nowMs(), loop.clock().wallMs());
    }

    /** The partition is here no more. */
    void close() {
        stop(ErrorCode.NOT_COORDINATOR, partition.name() + " is no longer here");
    }
}
