package io.lograft.broker.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupReply.Assigned;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What bad heartbeats get: a code, the values that matter, and no record. */
class HeartbeatRefusalTest {
    private final Coordinator coordinator = new Coordinator(Topics.NONE.with("a", 4));
    private final Client one = new Client(coordinator, "m1", "a");

    private void refused(ConsumerHeartbeat request, ErrorCode code, String... values) {
        int records = coordinator.log().size();
        Refused refused = (Refused) coordinator.call(request);
        assertThat(refused.code()).as(refused.message()).isEqualTo(code);
        assertThat(refused.message()).contains(values);
        assertThat(coordinator.log()).hasSize(records);
    }

    private ConsumerHeartbeat join(Client client) {
        return client.heartbeat(ConsumerHeartbeat.JOINING, Set.of(), 0);
    }

    private ConsumerHeartbeat subscribing(Subscription subscription) {
        one.subscription = subscription;
        return join(one);
    }

    @Test
    void memberIds() {
        refused(join(new Client(coordinator, "", "a")), ErrorCode.INVALID_REQUEST, "64", "0");
        refused(join(new Client(coordinator, "m".repeat(65), "a")), ErrorCode.INVALID_REQUEST, "64", "65");
        assertThat(new Client(coordinator, "m".repeat(64), "a").join().owned).hasSize(4);
        refused(
                join(Client.withInstance(coordinator, "m2", "i".repeat(250), "a")),
                ErrorCode.INVALID_REQUEST,
                "250",
                "249");
    }

    @Test
    void epochs() {
        refused(one.heartbeat(-3, Set.of(), 0), ErrorCode.INVALID_REQUEST, "-3");
        refused(one.heartbeat(-2, Set.of(), 0), ErrorCode.INVALID_REQUEST, "m1", "instance id");
        refused(one.heartbeat(-1, Set.of(), 0), ErrorCode.UNKNOWN_MEMBER, "m1", Coordinator.GROUP);
        refused(one.heartbeat(1, Set.of(), 0), ErrorCode.UNKNOWN_MEMBER, "m1");
        one.join();
        refused(one.heartbeat(one.epoch + 1, Set.of(), 0), ErrorCode.ILLEGAL_GENERATION, "1", "2");
    }

    @Test
    void theEpochBeforeGoesOnlyWithWhatTheMemberHolds() {
        one.join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        int before = two.epoch;
        two.beat();
        assertThat(two.epoch).isGreaterThan(before);
        assertThat(coordinator.call(two.heartbeat(before, Set.of(), 0))).isEqualTo(two.told());
        refused(two.heartbeat(before, one.owned, 0), ErrorCode.ILLEGAL_GENERATION, "m2");
    }

    @Test
    void subscriptions() {
        refused(subscribing(new Subscription("", List.of(), "")), ErrorCode.INVALID_REQUEST, "pattern");
        refused(subscribing(new Subscription("", List.of(""), "")), ErrorCode.INVALID_TOPIC_NAME, "0");
        refused(subscribing(new Subscription("", List.of("x".repeat(250)), "")), ErrorCode.INVALID_TOPIC_NAME, "250");
        refused(subscribing(new Subscription("best", List.of("a"), "")), ErrorCode.INVALID_REQUEST, "best", "uniform");
        refused(subscribing(topics(HeartbeatChecks.TOPICS_MAX + 1, "")), ErrorCode.INVALID_REQUEST, "10001", "10000");
        refused(
                subscribing(topics(1_000, "x".repeat(200))),
                ErrorCode.INVALID_REQUEST,
                "" + HeartbeatChecks.TOPIC_CHARACTERS_MAX);
        assertThat(coordinator.call(subscribing(topics(HeartbeatChecks.TOPICS_MAX, ""))))
                .isInstanceOf(Assigned.class);
    }

    private static Subscription topics(int count, String prefix) {
        return new Subscription(
                "", IntStream.range(0, count).mapToObj(i -> prefix + i).toList(), "");
    }

    @Test
    void patterns() {
        refused(pattern("a("), ErrorCode.INVALID_REQUEST, "a(", "RE2");
        refused(pattern("(?=a)"), ErrorCode.INVALID_REQUEST, "(?=a)");
        refused(pattern("a".repeat(1_001)), ErrorCode.INVALID_REQUEST, "1001", "1000");
        refused(pattern("((a{1000}){1000}){1000}"), ErrorCode.INVALID_REQUEST, "10000");
        refused(pattern("(a{1,1000}){1000,}"), ErrorCode.INVALID_REQUEST, "10000");
        assertThat(coordinator.call(pattern("[a-zA-Z0-9._-]{1,249}"))).isInstanceOf(Assigned.class);
    }

    private ConsumerHeartbeat pattern(String pattern) {
        return subscribing(new Subscription("", List.of(), pattern));
    }

    @Test
    void timeouts() {
        one.timeouts = new Timeouts(999, 0);
        refused(join(one), ErrorCode.INVALID_SESSION_TIMEOUT, "999", "1000", "1800000");
        one.timeouts = new Timeouts(1_800_001, 0);
        refused(join(one), ErrorCode.INVALID_SESSION_TIMEOUT, "1800001");
        one.timeouts = new Timeouts(-1, 0);
        refused(join(one), ErrorCode.INVALID_SESSION_TIMEOUT, "-1");
        one.timeouts = new Timeouts(0, -1);
        refused(join(one), ErrorCode.INVALID_REQUEST, "-1");
        one.timeouts = new Timeouts(0, 0);
        one.join();
        coordinator.pass(GroupSettings.DEFAULT.sessionMsDefault() - 1);
        assertThat(coordinator.describe().members()).hasSize(1);
        coordinator.pass(1);
        assertThat(coordinator.describe().members()).isEmpty();
    }

    @Test
    void oneMemberTooMany() {
        int membersMax = GroupSettings.DEFAULT.membersMax();
        Client away = Client.withInstance(coordinator, "static", "i", "a").join();
        for (int i = 1; i < membersMax; i++) {
            new Client(coordinator, "n" + i, "a").join();
        }
        refused(join(one), ErrorCode.BUSY, "" + membersMax);
        new Client(coordinator, "n1", "a").join();
        away.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        Client.withInstance(coordinator, "back", "i", "a").join();
        assertThat(coordinator.describe().members()).hasSize(membersMax);
    }

    @Test
    void aMemberCannotChangeItsInstanceId() {
        one.join();
        refused(join(Client.withInstance(coordinator, "m1", "i", "a")), ErrorCode.INVALID_REQUEST, "m1", "'i'");
    }
}
