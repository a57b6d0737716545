package io.lograft.broker.replica.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StreamMessagesTest {
    private final List<ReplicaEvent> events = new ArrayList<>();

    private boolean take(PartitionId partition, ReplicaEvent event) {
        events.add(event);
        return true;
    }

    /** A follower outside the in-sync set would make itself a log that starts there. */
    @Test
    void noFollowerIsToldToGoOnBelowZero() {
        Following following = Following.newBuilder()
                .setTopicId(WireBytes.topicId(new TopicId(1, 2)))
                .setStartOver(true)
                .build();
        deliver(following);
        assertThat(events).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> deliver(following.toBuilder().setTruncateTo(-1).build()))
                .withMessageContaining("-1");
        assertThat(events).hasSize(1);
    }

    private void deliver(Following following) {
        StreamMessages.deliver(
                ReplicateResponse.newBuilder().addFollowings(following).build(), 1, this::take);
    }
}
