package io.lograft.broker.group.consumer;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The real shard behind a network, over a log that commits with delay. When the coordinator changes, a part of what was
 * not committed is lost, and with it every answer that was not sent; the next one has another clock and only the log.
 */
final class SimCoordinator {
    private static final long ANSWER_MS_MAX = SimClient.SESSION_MS_MAX / 3 + 1_500;

    private final SimWorld world;
    private final SimChecks checks;
    private final UnaryOperator<Group> mistake;
    private final List<GroupRecord> log = new ArrayList<>();
    private final ArrayDeque<List<GroupRecord>> uncommitted = new ArrayDeque<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final SortedMap<Long, Outstanding> outstanding = new TreeMap<>();
    private Topics topics;
    private GroupShard shard;
    private long clockShiftMs;
    private int life;
    private long appended;
    private long committed;
    private long requestId;
    private boolean isCommitting;

    private record Outstanding(long sinceMs, Consumer<GroupReply> taker) {}

    private record Answer(long afterBatch, Consumer<GroupReply> taker, GroupReply reply) {}

    SimCoordinator(SimWorld world, SimChecks checks, UnaryOperator<Group> mistake, Topics topics) {
        this.world = world;
        this.checks = checks;
        this.mistake = mistake;
        this.topics = topics;
        load();
    }

    private GroupShard.Clocks clocks() {
        return new GroupShard.Clocks(world.nowMs() + clockShiftMs, world.nowMs());
    }

    private void load() {
        clockShiftMs = world.between(0, 1_000_000);
        shard = new GroupShard(
                GroupSettings.DEFAULT, (id, kind) -> mistake.apply(new ConsumerGroup(id)), topics, name -> name);
        log.forEach(shard::replay);
        List<GroupEffect> effects = new ArrayList<>();
        shard.loaded(clocks(), effects);
        carryOut(effects);
    }

    boolean isThere() {
        return shard != null;
    }

    /** A request with its way there and back. */
    void request(GroupRequest request, Consumer<GroupReply> taker) {
        int sentIn = life;
        boolean isHeartbeat = request instanceof GroupRequest.ConsumerHeartbeat;
        world.in(isHeartbeat ? world.heartbeatDelayMs() : world.networkDelayMs(), () -> {
            if (sentIn != life) {
                return;
            }
            if (shard == null) {
                world.in(
                        world.networkDelayMs(),
                        () -> taker.accept(new GroupReply.Refused(ErrorCode.NOT_COORDINATOR, "loading")));
                return;
            }
            requestId++;
            outstanding.put(requestId, new Outstanding(world.nowMs(), taker));
            List<GroupEffect> effects = new ArrayList<>();
            shard.handle(requestId, request, clocks(), effects);
            carryOut(effects);
        });
    }

    private void carryOut(List<GroupEffect> effects) {
        for (GroupEffect effect : effects) {
            switch (effect) {
                case GroupEffect.Append append -> append(append.records());
                case GroupEffect.Reply reply -> {
                    Outstanding asked = outstanding.remove(reply.requestId());
                    checks.that(asked != null, () -> "request " + reply.requestId() + " is answered twice");
                    answers.add(new Answer(appended, asked.taker(), reply.reply()));
                }
            }
        }
        commitNext();
        sendAnswers();
    }

    /** Torn apart now and then, as the writer does with what is too much for one batch. */
    private void append(List<GroupRecord> records) {
        int cut = world.oneIn(3) ? (int) world.between(0, records.size()) : 0;
        for (List<GroupRecord> batch : List.of(records.subList(0, cut), records.subList(cut, records.size()))) {
            if (!batch.isEmpty()) {
                uncommitted.add(batch);
                appended++;
            }
        }
    }

    private void commitNext() {
        if (isCommitting || uncommitted.isEmpty()) {
            return;
        }
        isCommitting = true;
        int begunIn = life;
        world.in(world.oneIn(30) && !world.isCalm() ? world.between(100, 500) : world.between(1, 10), () -> {
            if (begunIn == life) {
                isCommitting = false;
                commitOne();
                sendAnswers();
                commitNext();
            }
        });
    }

    private void commitOne() {
        List<GroupRecord> batch = uncommitted.poll();
        log.addAll(batch);
        committed++;
        checks.committed(batch);
    }

    private void sendAnswers() {
        while (!answers.isEmpty() && answers.peek().afterBatch() <= committed) {
            Answer answer = answers.poll();
            int sentIn = life;
            world.in(world.networkDelayMs(), () -> {
                if (sentIn == life) {
                    answer.taker().accept(answer.reply());
                }
            });
        }
    }

    /** What was appended last may survive or not; whoever waits for an answer gets none. */
    void change() {
        if (shard == null) {
            return;
        }
        life++;
        shard = null;
        isCommitting = false;
        for (long survivors = world.between(0, uncommitted.size()); survivors > 0; survivors--) {
            commitOne();
        }
        uncommitted.clear();
        appended = committed;
        answers.clear();
        outstanding.clear();
        world.in(world.between(0, 3_000), this::load);
    }

    void topics(Topics next) {
        topics = next;
        if (shard != null) {
            List<GroupEffect> effects = new ArrayList<>();
            shard.topicsChanged(next, clocks(), effects);
            carryOut(effects);
        }
    }

    Topics topics() {
        return topics;
    }

    long deadlineMs() {
        if (shard == null) {
            return Long.MAX_VALUE;
        }
        return Math.max(world.nowMs(), shard.nextDeadlineMs() - clockShiftMs);
    }

    void tick() {
        if (shard == null) {
            return;
        }
        List<GroupEffect> effects = new ArrayList<>();
        shard.tick(clocks(), effects);
        carryOut(effects);
        outstanding.forEach((id, asked) -> checks.that(
                world.nowMs() - asked.sinceMs() <= ANSWER_MS_MAX,
                () -> "request " + id + " waits since " + asked.sinceMs()));
    }

    GroupShard shard() {
        return shard;
    }
}
