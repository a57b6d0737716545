package io.lograft.broker.api.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.JoinGroupRequest;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class GroupRequestsTest {

    /** What the coordinator made of the longest name of a client has to be taken when the member joins again. */
    @Test
    void aMemberMayNameTheLongestIdThatACoordinatorMakes() {
        String clientId = "c".repeat(249);
        String memberId = clientId + "-" + UUID.randomUUID();
        JoinGroupRequest join = JoinGroupRequest.newBuilder()
                .setClientId(clientId)
                .setMemberId(memberId)
                .build();
        assertThat(GroupRequests.of(join, "").identity().memberId()).isEqualTo(memberId);
        assertThatThrownBy(() -> GroupRequests.of(
                        join.toBuilder().setMemberId("m".repeat(293)).build(), ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("member_id", "293", "292");
    }

    @Test
    void aNegativePartitionIsMalformed() {
        CommitOffsetsRequest commit = CommitOffsetsRequest.newBuilder()
                .addOffsets(CommittedOffset.newBuilder()
                        .setTopicId(ByteString.copyFrom(new byte[16]))
                        .setPartition(-1))
                .build();
        assertThatThrownBy(() -> GroupRequests.of(commit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }
}
