package io.lograft.cli.reassign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.TopicDescription;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MoveTest {
    private static final TopicDescription.Log LEADER = new TopicDescription.Log(100, 190, 200, 1_000);

    @Test
    void aJoiningReplicaIsMeasuredAgainstTheLeader() {
        assertThat(joining(new TopicDescription.Replica(4, 100, 150, 400)))
                .isEqualTo(new Move.Joining(4, false, 40, 600));
        assertThat(joining(new TopicDescription.Replica(4, 100, 200, 990)))
                .as("the end is the same")
                .isEqualTo(new Move.Joining(4, false, 100, 0));
        assertThat(joining(new TopicDescription.Replica(4, 100, 199, 1_000)))
                .as("never all as long as a record is missing")
                .isEqualTo(new Move.Joining(4, false, 99, 10));
        assertThat(joining(new TopicDescription.Replica(4, 0, 50, 5_000)))
                .as("of another time")
                .isEqualTo(new Move.Joining(4, false, 0, 1_000));
    }

    @Test
    void whatIsNotKnownIsNotMadeUp() {
        assertThat(joining()).isEqualTo(new Move.Joining(4, false, 0, 1_000));
        Move unled = move(List.of(1), Optional.empty());
        assertThat(unled.joining()).containsExactly(new Move.Joining(4, false, -1, -1));
        assertThat(unled.bytesLeft()).isZero();
        assertThat(move(List.of(1, 4), Optional.empty()).joining()).containsExactly(new Move.Joining(4, true, 100, 0));
        assertThat(move(List.of(1), Optional.of(new TopicDescription.Log(0, 0, 0, 0)))
                        .joining())
                .as("an empty log")
                .containsExactly(new Move.Joining(4, false, 100, 0));
    }

    private static Move.Joining joining(TopicDescription.Replica... replicas) {
        return move(List.of(1), Optional.of(LEADER), replicas).joining().get(0);
    }

    private static Move move(
            List<Integer> isr, Optional<TopicDescription.Log> log, TopicDescription.Replica... replicas) {
        return Move.of(
                "t",
                new TopicDescription.Partition(
                        0,
                        1,
                        1,
                        1,
                        List.of(1, 4),
                        isr,
                        List.of(),
                        -1,
                        log,
                        Optional.of(new TopicDescription.Reassignment(List.of(1), List.of(4), 0)),
                        List.of(replicas)));
    }
}
