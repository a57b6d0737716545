package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The real shard with classic groups, a log, and a clock that goes on when a test says so. */
final class GroupHarness {
    static final String GROUP = "g";
    static final TopicId TOPIC = new TopicId(1, 1);
    static final PartitionId PARTITION = new PartitionId(TOPIC, 0);
    static final GroupSettings SETTINGS = new GroupSettings(1_000, 60_000, 10_000, 30_000, 50, 4, 100, 3_600_000);

    private static final long WALL_MS = 1_000_000;

    private final List<GroupRecord> log = new ArrayList<>();
    private final Map<Long, GroupReply> replies = new HashMap<>();
    private final Map<Long, ClassicClient> senders = new HashMap<>();
    private final GroupSettings settings;
    private Consumer<GroupEffect> observer = effect -> {};
    private GroupShard shard;
    private long nowMs;
    private long requests;
    private int memberIds;

    GroupHarness() {
        this(SETTINGS);
    }

    GroupHarness(GroupSettings settings) {
        this.settings = settings;
        changeCoordinator();
    }

    ClassicClient client(String name) {
        return new ClassicClient(name, this);
    }

    ClassicClient staticClient(String name, String instanceId) {
        ClassicClient client = new ClassicClient(name, this);
        client.instanceId = instanceId;
        return client;
    }

    // ---- requests and their answers

    /** The number of the request. */
    long send(GroupRequest request, ClassicClient sender) {
        long id = ++requests;
        senders.put(id, sender);
        List<GroupEffect> effects = new ArrayList<>();
        shard.handle(id, request, clocks(), effects);
        carryOut(effects);
        return id;
    }

    /** Is told of each effect before it is carried out. */
    void observe(Consumer<GroupEffect> effects) {
        observer = effects;
    }

    /** The connection of a request that waits is gone. */
    void breakConnection(long request) {
        List<GroupEffect> effects = new ArrayList<>();
        shard.abandoned(GROUP, request, clocks(), effects);
        carryOut(effects);
    }

    private void carryOut(List<GroupEffect> effects) {
        for (GroupEffect effect : effects) {
            observer.accept(effect);
            switch (effect) {
                case GroupEffect.Append append -> log.addAll(append.records());
                case GroupEffect.Reply reply -> {
                    assertThat(replies.put(reply.requestId(), reply.reply()))
                            .as("an earlier answer to request " + reply.requestId())
                            .isNull();
                    if (reply.reply() instanceof Joined joined && senders.get(reply.requestId()) != null) {
                        senders.get(reply.requestId()).joined(joined);
                    }
                }
            }
        }
    }

    boolean isWaiting(long request) {
        return !replies.containsKey(request);
    }

    GroupReply answer(long request) {
        assertThat(replies).as("answers").containsKey(request);
        return replies.get(request);
    }

    Joined joined(long request) {
        assertThat(answer(request)).isInstanceOf(Joined.class);
        return (Joined) answer(request);
    }

    /** What a sync got, in hexadecimal. */
    String synced(long request) {
        assertThat(answer(request)).isInstanceOf(GroupReply.Synced.class);
        return ((GroupReply.Synced) answer(request)).assignment().toString();
    }

    void assertDone(long request) {
        assertThat(answer(request)).isEqualTo(GroupReply.Done.INSTANCE);
    }

    /** Its message has all these values. */
    void assertRefused(long request, ErrorCode code, String... values) {
        assertThat(answer(request)).isInstanceOf(Refused.class);
        Refused refused = (Refused) answer(request);
        assertThat(refused.code()).as(refused.message()).isEqualTo(code);
        for (String value : values) {
            assertThat(refused.message()).contains(value);
        }
    }

    // ---- time, and other coordinators

    private GroupShard.Clocks clocks() {
        return new GroupShard.Clocks(nowMs, WALL_MS + nowMs);
    }

    long nowMs() {
        return nowMs;
    }

    long wallMs() {
        return WALL_MS + nowMs;
    }

    /** Lets time pass; what falls due meanwhile is carried out when it does. */
    void pass(long ms) {
        long end = nowMs + ms;
        while (shard.nextDeadlineMs() <= end) {
            nowMs = Math.max(nowMs, shard.nextDeadlineMs());
            List<GroupEffect> effects = new ArrayList<>();
            shard.tick(clocks(), effects);
            carryOut(effects);
            assertThat(shard.nextDeadlineMs()).as("next deadline").isGreaterThan(nowMs);
        }
        nowMs = end;
    }

    /** Another one takes over what is in the log; requests that wait get no answer any more. */
    void changeCoordinator() {
        shard = new GroupShard(
                settings,
                (groupId, kind) -> created(groupId, kind),
                Catalog.INSTANCE,
                name -> name + "-" + ++memberIds);
        log.forEach(shard::replay);
        shard.loaded(clocks(), new ArrayList<>());
    }

    private static ClassicGroup created(String groupId, GroupKind kind) {
        assertThat(kind).isEqualTo(GroupKind.CLASSIC);
        return new ClassicGroup(groupId);
    }

    List<GroupRecord> log() {
        return log;
    }

    /** The generation that was written last. */
    GroupRecord.ClassicGeneration written() {
        return ((GroupRecord.ClassicGroup) log.getLast()).generation();
    }

    long nextDeadlineInMs() {
        return shard.nextDeadlineMs(GROUP) - nowMs;
    }

    /** Empty where there is no such group. */
    Optional<GroupDescription> describe() {
        return shard.list().stream()
                .filter(group -> group.groupId().equals(GROUP))
                .findFirst();
    }

    String state() {
        return describe().orElseThrow().state();
    }

    /** These clients join at once, the first leads, and each gets its own byte: 01 for the first, and so on. */
    void becomeStable(ClassicClient... clients) {
        for (ClassicClient client : clients) {
            client.join();
        }
        pass(4L * settings.initialDelayMs());
        String[] shares = new String[clients.length];
        for (int i = 0; i < clients.length; i++) {
            shares[i] = clients[i].memberId + "=0" + (i + 1);
        }
        clients[0].sync(shares);
        for (int i = 1; i < clients.length; i++) {
            assertThat(synced(clients[i].sync())).isEqualTo("0" + (i + 1));
        }
        assertThat(state()).isEqualTo("Stable");
    }

    /** One topic. */
    private enum Catalog implements TopicCatalog {
        INSTANCE;

        @Override
        public List<String> names() {
            return List.of("orders");
        }

        @Override
        public Optional<Topic> find(String name) {
            return name.equals("orders") ? Optional.of(new Topic(TOPIC, "orders", 4)) : Optional.empty();
        }

        @Override
        public boolean exists(TopicId id) {
            return id.equals(TOPIC);
        }

        @Override
        public boolean exists(PartitionId partition) {
            return exists(partition.topic()) && partition.partition() < 4;
        }
    }
}
