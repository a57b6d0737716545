package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.config.TailConfig;
import io.lograft.broker.log.config.TailRoom;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TailTest {
    private final TailRoom room = new TailRoom(100);
    private final Tail one = tail(60);
    private final Tail other = tail(60);

    private Tail tail(int bytesMax) {
        return new Tail(new TailConfig(bytesMax, Duration.ofSeconds(10), room));
    }

    private static void append(Tail tail, long offset, int size, long nowMs) {
        tail.append(new Tail.Entry(offset, offset + 1, ByteBuffer.allocate(size), nowMs));
    }

    @Test
    void keepsTheNewestUpToItsOwnBound() {
        append(one, 0, 30, 1);
        append(one, 1, 30, 2);
        append(one, 2, 20, 3);
        assertThat(one.sizeBytes()).isEqualTo(50);
        assertThat(one.view().find(0)).isNegative();
        assertThat(one.view().find(2)).isNotNegative();
        assertThat(room.taken()).isEqualTo(50);
    }

    @Test
    void allTailsTogetherKeepTheirBound() {
        append(one, 0, 50, 1);
        append(other, 0, 30, 1);
        append(other, 1, 20, 1);
        assertThat(room.taken()).isEqualTo(100);
        // There is no room: it gives up its oldest, never the other log's.
        append(other, 2, 25, 2);
        assertThat(other.view().find(0)).isNegative();
        assertThat(other.view().find(1)).isNotNegative();
        assertThat(other.view().find(2)).isNotNegative();
        assertThat(one.sizeBytes()).isEqualTo(50);
        assertThat(room.taken()).isEqualTo(95);
    }

    @Test
    void whereOthersLeaveNoRoomNothingIsKept() {
        append(one, 0, 50, 1);
        append(other, 0, 50, 1);
        Tail third = tail(60);
        append(third, 0, 10, 1);
        assertThat(third.sizeBytes()).isZero();
        assertThat(third.view().find(0)).isNegative();
        one.clear();
        append(third, 1, 10, 2);
        assertThat(third.view().find(1)).isNotNegative();
        assertThat(room.taken()).isEqualTo(60);
    }

    @Test
    void ageGivesTheRoomBack() {
        append(one, 0, 30, 1);
        append(one, 1, 20, 5);
        assertThat(one.expire(3)).isTrue();
        assertThat(room.taken()).isEqualTo(20);
        assertThat(one.expire(9)).isTrue();
        assertThat(room.taken()).isZero();
        assertThat(one.expire(9)).isFalse();
    }

    @Test
    void whatIsLargerThanATailMayBeIsNotKept() {
        append(one, 0, 30, 1);
        append(one, 1, 61, 1);
        assertThat(one.sizeBytes()).isZero();
        assertThat(room.taken()).isZero();
        assertThatThrownBy(() -> new TailRoom(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
