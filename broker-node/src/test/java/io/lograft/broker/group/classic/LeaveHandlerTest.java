package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.model.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaveHandlerTest {
    private final GroupHarness group = new GroupHarness();
    private final ClassicClient a = group.client("a");
    private final ClassicClient b = group.client("b");

    @Test
    void theOthersJoinAgain() {
        group.becomeStable(a, b);
        group.assertDone(a.leave());
        group.assertRefused(b.heartbeat(), ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(group.joined(b.join()).leaderId()).isEqualTo("b-2");
        group.assertRefused(a.leave(), ErrorCode.UNKNOWN_MEMBER, "a-1");
    }

    @Test
    void theGenerationIsNotLookedAt() {
        group.becomeStable(a, b);
        b.generation = 77;
        group.assertDone(b.leave());
    }

    @Test
    void whoIsMissedLastEndsTheWaitOfTheOthers() {
        group.becomeStable(a, b);
        long join = a.join();
        assertThat(group.isWaiting(join)).isTrue();
        b.leave();
        assertThat(group.joined(join).generationId()).isEqualTo(2);
    }

    @Test
    void theLastOneLeavesAGenerationWithoutMembers() {
        group.becomeStable(a);
        group.assertDone(a.leave());
        assertThat(group.state()).isEqualTo("Empty");
        assertThat(group.written()).isEqualTo(new ClassicGeneration("consumer", 2, "", "", List.of(), group.wallMs()));

        group.changeCoordinator();
        assertThat(group.state()).isEqualTo("Empty");
        a.memberId = "";
        a.join();
        group.pass(200);
        assertThat(a.generation).as("goes on counting").isEqualTo(3);
    }

    @Test
    void whatTheMemberWaitsForIsRefused() {
        long join = a.join();
        a.memberId = "a-1";
        long leave = a.leave();
        group.assertRefused(join, ErrorCode.UNKNOWN_MEMBER, "a-1", "left");
        group.assertDone(leave);
        assertThat(group.state()).isEqualTo("Empty");
    }

    @Test
    void aStaticMemberMayBeRemovedByItsInstanceId() {
        ClassicClient s = group.staticClient("s", "i1");
        group.becomeStable(a, s);
        ClassicClient operator = group.staticClient("operator", "i2");
        group.assertRefused(operator.leave(), ErrorCode.UNKNOWN_MEMBER, "i2");
        operator.instanceId = "i1";
        group.assertDone(operator.leave());
        group.assertRefused(s.heartbeat(), ErrorCode.UNKNOWN_MEMBER);
        operator.instanceId = "";
        group.assertRefused(operator.leave(), ErrorCode.UNKNOWN_MEMBER);
    }
}
