package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.GroupShard.Clocks;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The real shard with everything committed at once, and a clock that is moved by hand. */
final class Coordinator {
    static final String GROUP = "g";

    private final List<GroupRecord> log = new ArrayList<>();
    private final Map<Long, GroupReply> replies = new TreeMap<>();
    private GroupShard shard;
    private Topics topics;
    private long nowMs = 1_000_000;
    private long requestId;

    Coordinator(Topics topics) {
        this.topics = topics;
        changeCoordinator();
    }

    /** Another broker takes over: all it knows is the log. */
    void changeCoordinator() {
        shard = new GroupShard(
                GroupSettings.DEFAULT,
                (id, kind) -> {
                    if (kind == GroupKind.CONSUMER) {
                        return new ConsumerGroup(id);
                    }
                    throw new IllegalArgumentException("no group of the classic kind here");
                },
                topics,
                name -> name);
        log.forEach(shard::replay);
        List<GroupEffect> effects = new ArrayList<>();
        shard.loaded(clocks(), effects);
        carryOut(effects);
    }

    private Clocks clocks() {
        return new Clocks(nowMs, nowMs + 7);
    }

    private void carryOut(List<GroupEffect> effects) {
        for (GroupEffect effect : effects) {
            switch (effect) {
                case GroupEffect.Append append -> log.addAll(append.records());
                case GroupEffect.Reply reply -> {
                    if (replies.put(reply.requestId(), reply.reply()) != null) {
                        throw new AssertionError("request " + reply.requestId() + " was answered twice");
                    }
                }
            }
        }
    }

    /** Hands a request in; its id is for {@link #reply}. */
    long send(GroupRequest request) {
        requestId++;
        List<GroupEffect> effects = new ArrayList<>();
        shard.handle(requestId, request, clocks(), effects);
        carryOut(effects);
        return requestId;
    }

    /** The connection by which the request came is gone. */
    void abandon(long id) {
        List<GroupEffect> effects = new ArrayList<>();
        shard.abandoned(GROUP, id, clocks(), effects);
        carryOut(effects);
    }

    /** Empty while it waits. */
    Optional<GroupReply> reply(long id) {
        return Optional.ofNullable(replies.get(id));
    }

    GroupReply call(GroupRequest request) {
        long id = send(request);
        return reply(id).orElseThrow(() -> new AssertionError("not answered at once: " + request));
    }

    /** Lets time pass, and every deadline on the way come in its order. */
    void pass(long ms) {
        long endMs = nowMs + ms;
        while (shard.nextDeadlineMs() <= endMs) {
            nowMs = Math.max(nowMs, shard.nextDeadlineMs());
            tick();
        }
        nowMs = endMs;
        tick();
    }

    private void tick() {
        List<GroupEffect> effects = new ArrayList<>();
        shard.tick(clocks(), effects);
        carryOut(effects);
    }

    void topics(Topics next) {
        topics = next;
        List<GroupEffect> effects = new ArrayList<>();
        shard.topicsChanged(next, clocks(), effects);
        carryOut(effects);
    }

    Topics topics() {
        return topics;
    }

    long wallMs() {
        return nowMs + 7;
    }

    List<GroupRecord> log() {
        return log;
    }

    GroupDescription describe() {
        return ((GroupReply.Described) call(new GroupRequest.Describe(GROUP))).description();
    }

    static PartitionId partition(String topic, int partition) {
        return new PartitionId(Topics.id(topic), partition);
    }
}
