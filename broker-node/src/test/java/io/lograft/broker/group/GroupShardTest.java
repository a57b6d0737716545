package io.lograft.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply.CommitResult;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.Delete;
import io.lograft.broker.group.GroupRequest.Describe;
import io.lograft.broker.group.GroupRequest.FetchOffsets;
import io.lograft.broker.group.GroupRequest.Join;
import io.lograft.broker.group.GroupRequest.Leave;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.broker.group.classic.ClassicGroup;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupShardTest {
    private static final TopicId ORDERS = new TopicId(1, 1);
    private static final TopicId RETURNS = new TopicId(2, 2);
    private static final long RETENTION_MS = 3_600_000;
    private static final GroupSettings SETTINGS =
            new GroupSettings(1_000, 60_000, 10_000, 30_000, 50, 4, 10, RETENTION_MS);

    /** Topics that exist. */
    private record Catalog(Set<TopicId> topics) implements TopicCatalog {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Optional<Topic> find(String name) {
            return Optional.empty();
        }

        @Override
        public boolean exists(TopicId id) {
            return topics.contains(id);
        }

        @Override
        public boolean exists(PartitionId partition) {
            return exists(partition.topic()) && partition.partition() < 12;
        }
    }

    private final List<GroupRecord> log = new ArrayList<>();
    private final List<GroupEffect> effects = new ArrayList<>();
    private final List<PlainConsumerGroup> consumerGroups = new ArrayList<>();
    private Catalog catalog = new Catalog(Set.of(ORDERS, RETURNS));
    private GroupShard shard;
    private long nowMs = 1_000;
    private long requests;

    @BeforeEach
    void load() {
        shard = new GroupShard(SETTINGS, this::create, catalog, name -> name + "-id");
        log.forEach(shard::replay);
        shard.loaded(clocks(), effects);
        assertThat(effects).isEmpty();
    }

    private Group create(String groupId, GroupKind kind) {
        if (kind == GroupKind.CLASSIC) {
            return new ClassicGroup(groupId);
        }
        PlainConsumerGroup group = new PlainConsumerGroup(groupId);
        consumerGroups.add(group);
        return group;
    }

    private GroupShard.Clocks clocks() {
        return new GroupShard.Clocks(nowMs, 1_000_000 + nowMs);
    }

    /** All of them answer at once, after what they append. */
    private GroupReply ask(GroupRequest request) {
        shard.handle(++requests, request, clocks(), effects);
        GroupEffect last = effects.removeLast();
        takeEffects();
        assertThat(last).isInstanceOf(GroupEffect.Reply.class);
        assertThat(((GroupEffect.Reply) last).requestId()).isEqualTo(requests);
        return ((GroupEffect.Reply) last).reply();
    }

    private void takeEffects() {
        for (GroupEffect effect : effects) {
            log.addAll(((GroupEffect.Append) effect).records());
        }
        effects.clear();
    }

    private static void assertRefused(GroupReply reply, ErrorCode code, String... values) {
        assertThat(reply).isInstanceOf(Refused.class);
        assertThat(((Refused) reply).code()).isEqualTo(code);
        for (String value : values) {
            assertThat(((Refused) reply).message()).contains(value);
        }
    }

    private static OffsetCommit orders(int partition, long offset) {
        return new OffsetCommit(new PartitionId(ORDERS, partition), offset, 5, "text");
    }

    private GroupReply commitFromOutside(String groupId, OffsetCommit... offsets) {
        return ask(new CommitOffsets(groupId, MemberRef.NOBODY, List.of(offsets)));
    }

    private GroupReply heartbeat(String groupId, String memberId, int epoch) {
        return ask(new ConsumerHeartbeat(
                groupId,
                new MemberIdentity(memberId, "", "client", "10.0.0.1"),
                epoch,
                new Timeouts(10_000, 30_000),
                new Subscription("", List.of("orders"), ""),
                Set.of(),
                0));
    }

    private void join(String groupId, String client) {
        shard.handle(
                ++requests,
                new Join(
                        groupId,
                        new MemberIdentity("", "", client, "10.0.0.1"),
                        new Timeouts(10_000, 30_000),
                        "consumer",
                        List.of(new Protocol("range", Bytes.EMPTY))),
                clocks(),
                effects);
        assertThat(effects).as("it waits for more members").isEmpty();
    }

    private void leave(String groupId, String memberId) {
        shard.handle(++requests, new Leave(groupId, new MemberRef(memberId, "", 0)), clocks(), effects);
        effects.removeIf(effect -> effect instanceof GroupEffect.Reply);
        takeEffects();
    }

    private List<String> listed() {
        return shard.list().stream()
                .map(group -> group.groupId() + " " + group.kind() + " " + group.state())
                .toList();
    }

    private void passAndTick(long ms) {
        nowMs += ms;
        shard.tick(clocks(), effects);
        takeEffects();
    }

    // ---- group ids

    @Test
    void groupIdsHaveAtMost249Characters() {
        assertRefused(ask(new FetchOffsets("")), ErrorCode.INVALID_GROUP_ID, "249", "0");
        assertRefused(ask(new Describe("x".repeat(250))), ErrorCode.INVALID_GROUP_ID, "249", "250");
        assertThat(ask(new FetchOffsets("x".repeat(249)))).isInstanceOf(GroupReply.Offsets.class);
    }

    // ---- commits and fetches

    @Test
    void offsetsMayBeCommittedFromOutsideWhereNobodyReads() {
        assertThat(commitFromOutside("g", orders(0, 7), orders(1, 8)))
                .isEqualTo(new GroupReply.Committed(List.of(
                        new CommitResult(new PartitionId(ORDERS, 0), ErrorCode.NONE, ""),
                        new CommitResult(new PartitionId(ORDERS, 1), ErrorCode.NONE, ""))));
        GroupReply fetched = ask(new FetchOffsets("g"));
        assertThat(((GroupReply.Offsets) fetched).offsets())
                .containsEntry(new PartitionId(ORDERS, 0), new CommittedOffset(7, 5, "text", 1_001_000))
                .containsEntry(new PartitionId(ORDERS, 1), new CommittedOffset(8, 5, "text", 1_001_000));

        load();
        assertThat(ask(new FetchOffsets("g"))).as("at another coordinator").isEqualTo(fetched);
        assertThat(ask(new FetchOffsets("other")).toString()).contains("offsets={}");
        assertThat(listed()).containsExactly("g consumer Empty");
    }

    @Test
    void aGroupWithMembersTakesNoCommitsFromOutside() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        assertRefused(commitFromOutside("g", orders(0, 7)), ErrorCode.GROUP_NOT_EMPTY, "'g'");
        heartbeat("g", "m", ConsumerHeartbeat.LEAVING);
        assertThat(commitFromOutside("g", orders(0, 7))).isInstanceOf(GroupReply.Committed.class);
        join("classic", "c");
        assertRefused(commitFromOutside("classic", orders(0, 7)), ErrorCode.GROUP_NOT_EMPTY);
    }

    @Test
    void onlyMembersCommitUnderAMemberId() {
        assertRefused(
                ask(new CommitOffsets("g", new MemberRef("m", "", 1), List.of(orders(0, 7)))),
                ErrorCode.UNKNOWN_MEMBER,
                "'g'",
                "'m'");
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        assertRefused(
                ask(new CommitOffsets("g", new MemberRef("n", "", 1), List.of(orders(0, 7)))),
                ErrorCode.UNKNOWN_MEMBER);
        assertThat(log).noneMatch(record -> record instanceof GroupRecord.Offset);
    }

    @Test
    void eachOffsetIsJudgedByItself() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        GroupReply reply = ask(new CommitOffsets(
                "g",
                new MemberRef("m", "", 1),
                List.of(
                        orders(0, 7),
                        orders(1, 7),
                        orders(2, -1),
                        new OffsetCommit(new PartitionId(new TopicId(9, 9), 4), 1, -1, ""),
                        new OffsetCommit(new PartitionId(ORDERS, 6), 1, -1, "12345678901"),
                        new OffsetCommit(new PartitionId(ORDERS, 8), 1, -1, "äöüäöü"),
                        new OffsetCommit(new PartitionId(ORDERS, 10), 0, -1, "äöüäö"))));
        assertThat(((GroupReply.Committed) reply).results())
                .extracting(CommitResult::code)
                .containsExactly(
                        ErrorCode.NONE,
                        ErrorCode.ILLEGAL_GENERATION,
                        ErrorCode.INVALID_REQUEST,
                        ErrorCode.UNKNOWN_TOPIC,
                        ErrorCode.INVALID_REQUEST,
                        ErrorCode.INVALID_REQUEST,
                        ErrorCode.NONE);
        assertThat(((GroupReply.Committed) reply).results().get(2).message()).contains("-1");
        assertThat(((GroupReply.Committed) reply).results().get(5).message()).contains("12 bytes", "10");
        assertThat(((GroupReply.Offsets) ask(new FetchOffsets("g"))).offsets().keySet())
                .containsExactly(new PartitionId(ORDERS, 0), new PartitionId(ORDERS, 10));
    }

    // ---- describe, list, delete

    @Test
    void anUnknownGroupIsSaidToBeUnknown() {
        assertRefused(ask(new Describe("g")), ErrorCode.UNKNOWN_GROUP, "'g'");
        assertRefused(ask(new Delete("g")), ErrorCode.UNKNOWN_GROUP, "'g'");
        assertThat(shard.list()).isEmpty();
    }

    @Test
    void groupsAreListedInTheOrderOfTheirIds() {
        commitFromOutside("b", orders(0, 7));
        heartbeat("c", "m", ConsumerHeartbeat.JOINING);
        join("a", "client");
        assertThat(listed()).containsExactly("a classic PreparingRebalance", "b consumer Empty", "c consumer Stable");
        assertThat(((GroupReply.Described) ask(new Describe("c"))).description().members())
                .hasSize(1);
    }

    @Test
    void aGroupWithMembersIsNotDeleted() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        assertRefused(ask(new Delete("g")), ErrorCode.GROUP_NOT_EMPTY, "'g'", "1");
        join("h", "client");
        assertRefused(ask(new Delete("h")), ErrorCode.GROUP_NOT_EMPTY, "'h'", "1");
    }

    @Test
    void aDeletedGroupIsGoneWithItsOffsetsHereAndAtAnotherCoordinator() {
        commitFromOutside("g", orders(0, 7));
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        heartbeat("g", "m", ConsumerHeartbeat.LEAVING);
        commitFromOutside("only-offsets", orders(0, 7));
        assertThat(ask(new Delete("g"))).isEqualTo(GroupReply.Done.INSTANCE);
        assertThat(ask(new Delete("only-offsets"))).isEqualTo(GroupReply.Done.INSTANCE);
        assertThat(shard.list()).isEmpty();
        assertThat(ask(new FetchOffsets("g")).toString()).contains("offsets={}");
        load();
        assertThat(shard.list()).isEmpty();
    }

    // ---- groups of the other kind

    @Test
    void aGroupWithMembersKnowsOneProtocolOnly() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        assertRefused(
                ask(new Leave("g", new MemberRef("x", "", 0))), ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "consumer");
        join("h", "client");
        assertRefused(heartbeat("h", "m", ConsumerHeartbeat.JOINING), ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "classic");
    }

    @Test
    void aRefusedRequestOfTheOtherKindChangesNothing() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        heartbeat("g", "m", ConsumerHeartbeat.LEAVING);
        assertRefused(ask(new Leave("g", new MemberRef("x", "", 0))), ErrorCode.UNKNOWN_MEMBER);
        assertThat(listed()).containsExactly("g consumer Empty");
        assertRefused(ask(new Leave("new", new MemberRef("x", "", 0))), ErrorCode.UNKNOWN_MEMBER);
        assertThat(listed()).containsExactly("g consumer Empty");
    }

    @Test
    void anEmptyGroupBecomesOneOfTheOtherKindAndKeepsItsOffsets() {
        commitFromOutside("g", orders(0, 7));
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        heartbeat("g", "m", ConsumerHeartbeat.LEAVING);
        join("g", "client");
        assertThat(listed()).containsExactly("g classic PreparingRebalance");
        leave("g", "client-id");
        assertThat(listed()).containsExactly("g classic Empty");
        load();
        assertThat(listed()).containsExactly("g classic Empty");
        assertThat(ask(new FetchOffsets("g")).toString()).contains("offset=7");

        assertThat(ask(new Delete("g"))).isEqualTo(GroupReply.Done.INSTANCE);
        load();
        assertThat(shard.list()).as("not even as what it was before").isEmpty();
    }

    // ---- time and topics

    @Test
    void offsetsOfGroupsWithoutMembersExpire() {
        commitFromOutside("old", orders(0, 7));
        commitFromOutside("used", orders(0, 7));
        heartbeat("used", "m", ConsumerHeartbeat.JOINING);
        heartbeat("left", "m", ConsumerHeartbeat.JOINING);
        commitFromOutside("left-with-offsets", orders(0, 7));
        heartbeat("left-with-offsets", "m", ConsumerHeartbeat.JOINING);
        passAndTick(RETENTION_MS / 2);
        heartbeat("left", "m", ConsumerHeartbeat.LEAVING);
        heartbeat("left-with-offsets", "m", ConsumerHeartbeat.LEAVING);
        commitFromOutside("young", orders(0, 7));

        passAndTick(RETENTION_MS / 2 - 1);
        assertThat(listed())
                .containsExactly(
                        "left consumer Empty",
                        "left-with-offsets consumer Empty",
                        "old consumer Empty",
                        "used consumer Stable",
                        "young consumer Empty");
        passAndTick(60_000);
        assertThat(listed())
                .containsExactly(
                        "left consumer Empty",
                        "left-with-offsets consumer Empty",
                        "used consumer Stable",
                        "young consumer Empty");
        assertThat(ask(new FetchOffsets("left-with-offsets")).toString())
                .as("the time counts from when the last member left")
                .contains("offset=7");
        passAndTick(RETENTION_MS / 2);
        assertThat(listed()).containsExactly("used consumer Stable");
        assertThat(ask(new FetchOffsets("used")).toString()).contains("offset=7");
        load();
        assertThat(listed()).containsExactly("used consumer Stable");
    }

    @Test
    void expiryIsDueEveryMinute() {
        assertThat(shard.nextDeadlineMs()).isEqualTo(nowMs + 60_000);
        passAndTick(59_999);
        assertThat(shard.nextDeadlineMs()).isEqualTo(nowMs + 1);
        passAndTick(1);
        assertThat(shard.nextDeadlineMs()).isEqualTo(nowMs + 60_000);
    }

    @Test
    void theNextDeadlineIsThatOfTheFirstGroupAndOnlyGroupsThatAreDueAreTold() {
        heartbeat("a", "m", ConsumerHeartbeat.JOINING);
        heartbeat("b", "m", ConsumerHeartbeat.JOINING);
        PlainConsumerGroup first = consumerGroups.get(0);
        PlainConsumerGroup second = consumerGroups.get(1);
        first.deadlineMs = nowMs + 10;
        second.deadlineMs = nowMs + 20;
        assertThat(shard.nextDeadlineMs()).isEqualTo(nowMs + 10);
        assertThat(shard.nextDeadlineMs("b")).isEqualTo(nowMs + 20);
        assertThat(shard.nextDeadlineMs("nobody")).isEqualTo(Long.MAX_VALUE);
        passAndTick(10);
        assertThat(first.ticks).isEqualTo(1);
        assertThat(second.ticks).isZero();
        assertThat(shard.nextDeadlineMs()).isEqualTo(nowMs + 10);
    }

    @Test
    void offsetsOfDeletedTopicsAreRemovedAndGroupsAreTold() {
        heartbeat("g", "m", ConsumerHeartbeat.JOINING);
        commitFromOutside("h", orders(0, 7), new OffsetCommit(new PartitionId(RETURNS, 1), 3, -1, ""));
        catalog = new Catalog(Set.of(RETURNS));
        shard.topicsChanged(catalog, clocks(), effects);
        takeEffects();
        assertThat(consumerGroups.getFirst().topicChanges).isEqualTo(1);
        assertThat(((GroupReply.Offsets) ask(new FetchOffsets("h"))).offsets().keySet())
                .containsExactly(new PartitionId(RETURNS, 1));
        assertThat(commitFromOutside("h", orders(0, 8)).toString()).contains("UNKNOWN_TOPIC");
        OffsetCommit beyond = new OffsetCommit(new PartitionId(RETURNS, 12), 8, -1, "");
        assertThat(commitFromOutside("h", beyond).toString()).contains("UNKNOWN_PARTITION");
        load();
        assertThat(((GroupReply.Offsets) ask(new FetchOffsets("h"))).offsets()).hasSize(1);
    }
}
