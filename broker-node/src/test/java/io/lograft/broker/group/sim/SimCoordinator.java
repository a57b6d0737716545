package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The partition with its leader: appends what the shard decides, commits it later, answers after that. When the leader
 * changes, what was not committed may be lost, together with the answers behind it.
 */
final class SimCoordinator implements SimCoordination {
    private static final long WALL_MS = 1_800_000_000_000L;
    private static final GroupSettings SETTINGS =
            new GroupSettings(1_000, 1_800_000, 10_000, 60_000, 50, 100, 4_096, 7L * 24 * 3_600_000);

    /** A request that was not decided yet, or not answered yet. */
    private record Request(
            String from, Object connection, GroupRequest request, long sinceMs, Consumer<GroupReply> answer) {}

    private record Decided(long id, GroupReply reply, int batches) {}

    private final SimGroupClients groups;
    private final GroupMutation mutation;
    private final SimWorld world;
    private final List<List<GroupRecord>> log = new ArrayList<>();
    private final Map<Long, Request> undecided = new TreeMap<>();
    private final Map<Long, Request> decided = new TreeMap<>();
    private final ArrayDeque<Decided> waiting = new ArrayDeque<>();
    private GroupShard shard;
    private int tenure;
    private long clockBaseMs;
    private int committedBatches;
    private long lastCommitMs;
    private long tickDueMs;
    private long requests;
    private long memberIds;

    SimCoordinator(SimGroupClients groups, GroupMutation mutation) {
        this.groups = groups;
        this.mutation = mutation;
        this.world = groups.world();
        load(tenure);
    }

    // ---- requests

    @Override
    public void receive(String from, Object connection, GroupRequest request, Consumer<GroupReply> answer) {
        world.trace(() -> from + " -> " + request);
        if (shard == null) {
            answer.accept(new Refused(ErrorCode.COORDINATOR_NOT_AVAILABLE, "loading"));
            return;
        }
        long id = ++requests;
        undecided.put(id, new Request(from, connection, request, world.nowMs(), answer));
        List<GroupEffect> effects = new ArrayList<>();
        shard.handle(id, request, clocks(), effects);
        carryOut(effects);
    }

    @Override
    public void abandoned(Object connection) {
        for (Map.Entry<Long, Request> entry : List.copyOf(undecided.entrySet())) {
            Request request = entry.getValue();
            if (request.connection().equals(connection)) {
                world.trace(() -> request.from() + " does not wait any more for " + request.request());
                List<GroupEffect> effects = new ArrayList<>();
                shard.abandoned(request.request().groupId(), entry.getKey(), clocks(), effects);
                carryOut(effects);
            }
        }
    }

    private GroupShard.Clocks clocks() {
        return new GroupShard.Clocks(clockBaseMs + world.nowMs(), WALL_MS + world.nowMs());
    }

    private void carryOut(List<GroupEffect> effects) {
        for (GroupEffect effect : effects) {
            switch (effect) {
                case GroupEffect.Append append -> append(mutation.appended(append.records()));
                case GroupEffect.Reply reply -> decide(reply.requestId(), reply.reply());
            }
        }
        for (GroupDescription group : shard.list()) {
            groups.checker().decided(group, groups.kindOf(group.groupId()));
        }
        checkWaits();
        scheduleTick();
    }

    private void append(List<GroupRecord> records) {
        records.forEach(record -> {
            world.trace(() -> "   append " + record);
            groups.checker().appended(record);
        });
        if (records.size() > 1 && world.chance(0.1)) {
            // As the writer does when one batch has no room for all of them.
            int first = world.between(1, records.size() - 1);
            log.add(records.subList(0, first));
            log.add(records.subList(first, records.size()));
        } else {
            log.add(records);
        }
        int batches = log.size();
        int of = tenure;
        lastCommitMs = Math.max(lastCommitMs, world.nowMs() + groups.commitDelayMs());
        world.after(lastCommitMs - world.nowMs(), () -> {
            if (of == tenure) {
                committedBatches = Math.max(committedBatches, batches);
                answerCommitted();
            }
        });
    }

    private void decide(long id, GroupReply reply) {
        Request request = undecided.remove(id);
        GroupChecker.that(request != null, "request " + id + " was answered twice, or never sent: " + reply);
        decided.put(id, request);
        waiting.add(new Decided(id, reply, log.size()));
        answerCommitted();
    }

    private void answerCommitted() {
        while (!waiting.isEmpty()
                && (waiting.peek().batches() <= committedBatches || mutation == GroupMutation.ANSWERS_NOT_HELD)) {
            Decided next = waiting.poll();
            Request request = decided.remove(next.id());
            world.trace(() -> "   " + request.from() + " <- " + next.reply());
            request.answer().accept(next.reply());
        }
    }

    private void checkWaits() {
        undecided.forEach((id, request) -> {
            long waitedMs = world.nowMs() - request.sinceMs();
            GroupChecker.that(
                    waitedMs <= groups.kindOf(request.request().groupId()).longestWaitMs(),
                    "no answer after " + waitedMs + " ms to " + request.from() + ": " + request.request());
        });
    }

    // ---- time

    private void scheduleTick() {
        long dueMs = shard.nextDeadlineMs() - clockBaseMs;
        if (shard.nextDeadlineMs() == Long.MAX_VALUE || (tickDueMs > world.nowMs() && tickDueMs <= dueMs)) {
            return;
        }
        tickDueMs = Math.max(dueMs, world.nowMs()) + world.between(0, 20);
        if (tickDueMs == world.nowMs()) {
            tickDueMs++;
        }
        int of = tenure;
        world.after(tickDueMs - world.nowMs(), () -> {
            if (of == tenure) {
                tick();
            }
        });
    }

    private void tick() {
        if (shard.nextDeadlineMs() <= clocks().nowMs()) {
            List<GroupEffect> effects = new ArrayList<>();
            shard.tick(clocks(), effects);
            GroupChecker.that(
                    shard.nextDeadlineMs() > clocks().nowMs(), "a tick was carried out, and is due again at once");
            carryOut(effects);
        } else {
            scheduleTick();
        }
    }

    @Override
    public void topicsChanged() {
        if (shard != null) {
            List<GroupEffect> effects = new ArrayList<>();
            shard.topicsChanged(groups.topic(), clocks(), effects);
            carryOut(effects);
        }
    }

    // ---- another leader

    /** Another broker leads the partition; it begins to serve after a while. */
    @Override
    public void change() {
        int kept = committedBatches + world.between(0, log.size() - committedBatches);
        world.trace(() -> "another coordinator, which has " + kept + " of " + log.size() + " batches");
        log.subList(kept, log.size()).clear();
        committedBatches = kept;
        for (Map<Long, Request> open : List.of(undecided, decided)) {
            open.values().stream()
                    .filter(request -> world.chance(0.5))
                    .forEach(request -> request.answer().accept(new Refused(ErrorCode.NOT_COORDINATOR, "moved")));
            open.clear();
        }
        waiting.clear();
        shard = null;
        int next = ++tenure;
        world.after(world.between(0, 3_000), () -> load(next));
    }

    private void load(int of) {
        if (of != tenure) {
            return;
        }
        if (world.chance(0.3)) {
            compact();
        }
        committedBatches = log.size();
        clockBaseMs = world.between(0, 1_000_000);
        tickDueMs = 0;
        groups.checker().loaded(log.stream().flatMap(Collection::stream).toList());
        shard = new GroupShard(
                SETTINGS,
                (groupId, kind) -> mutation.mistaken(groups.kindOf(groupId).create(groupId)),
                groups.topic(),
                clientId -> clientId + "-" + ++memberIds);
        for (List<GroupRecord> batch : log) {
            batch.stream().filter(mutation::isReplayed).forEach(shard::replay);
        }
        List<GroupEffect> effects = new ArrayList<>();
        shard.loaded(clocks(), effects);
        world.trace(() -> "loaded " + shard.list());
        carryOut(effects);
    }

    /** Of each key the last record stays, as the partition's cleaner has it. */
    private void compact() {
        Map<String, GroupRecord> last = new LinkedHashMap<>();
        for (List<GroupRecord> batch : log) {
            for (GroupRecord record : batch) {
                String key = keyOf(record);
                last.remove(key);
                last.put(key, record);
            }
        }
        log.clear();
        last.values().forEach(record -> log.add(List.of(record)));
    }

    private static String keyOf(GroupRecord record) {
        return switch (record) {
            case GroupRecord.ClassicGroup group -> "CLASSIC " + group.groupId();
            case GroupRecord.ConsumerGroup group -> "CONSUMER " + group.groupId();
            case GroupRecord.GroupRemoved group -> group.kind().name() + " " + group.groupId();
            case GroupRecord.ConsumerMember member -> "member " + member.memberId() + " of " + member.groupId();
            case GroupRecord.Offset offset -> "offset " + offset.partition() + " of " + offset.groupId();
        };
    }

    // ---- looking at it

    @Override
    public Optional<GroupDescription> describe(String groupId) {
        return shard == null
                ? Optional.empty()
                : shard.list().stream()
                        .filter(group -> group.groupId().equals(groupId))
                        .findFirst();
    }
}
