package io.lograft.broker.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.compact.CompactionPolicy.Plan;
import io.lograft.broker.log.config.CompactionConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is due, what may become one segment, how fast it may go, and what is remembered. */
final class CompactionPolicyTest {
    private static final long NOW = 100_000;
    private static final CompactionConfig RULES = new CompactionConfig(0.5, 0, Long.MAX_VALUE, 0);

    /** Segments of ten offsets and a hundred bytes, the first begun a second before the next. */
    private static final List<SegmentShape> SEGMENTS = List.of(
            new SegmentShape(0, 10, 100, 91_000, 90_000),
            new SegmentShape(10, 20, 100, 92_000, 91_000),
            new SegmentShape(20, 30, 100, 93_000, 92_000));

    private static Plan plan(long stableEnd, long cleanedTo, CompactionConfig rules) {
        return CompactionPolicy.plan(SEGMENTS, stableEnd, cleanedTo, rules, NOW);
    }

    @Test
    void whatIsNotStableStaysUntouched() {
        assertThat(plan(30, 0, RULES)).isEqualTo(new Plan(0, 30, 0, 300, 10_000, true));
        assertThat(plan(29, 0, RULES)).isEqualTo(new Plan(0, 20, 0, 200, 10_000, true));
        assertThat(plan(9, 0, RULES)).isEqualTo(new Plan(0, 0, 0, 0, 0, false));
        assertThat(CompactionPolicy.plan(List.of(), 30, 7, RULES, NOW).isDue()).isFalse();
    }

    @Test
    void itIsDueAboveTheRatio() {
        assertThat(plan(30, 10, RULES).dirtyRatio()).isEqualTo(2.0 / 3);
        assertThat(plan(30, 10, RULES).isDue()).isTrue();
        assertThat(plan(30, 20, RULES).isDue()).isFalse();
        // Within a segment bytes are shared out.
        assertThat(plan(30, 15, RULES)).isEqualTo(new Plan(15, 30, 150, 150, 9_000, false));
        assertThat(plan(30, 14, RULES).isDue()).isTrue();
        assertThat(plan(30, 30, new CompactionConfig(0, 0, 1, 0)).isDue()).isFalse();
    }

    @Test
    void whatIsYoungStays() {
        assertThat(plan(30, 0, new CompactionConfig(0.5, 8_000, Long.MAX_VALUE, 0))
                        .end())
                .isEqualTo(20);
        assertThat(plan(30, 0, new CompactionConfig(0.5, 10_000, Long.MAX_VALUE, 0))
                        .end())
                .isZero();
        // What was compacted before does not become young again, when the setting changes or a clock is wrong.
        assertThat(plan(30, 20, new CompactionConfig(0.5, 10_000, Long.MAX_VALUE, 0))
                        .cleanBytes())
                .isEqualTo(200);
        List<SegmentShape> future = List.of(new SegmentShape(0, 10, 100, NOW * 2, NOW * 2));
        assertThat(CompactionPolicy.plan(future, 10, 0, RULES, NOW).isDue()).isTrue();
    }

    @Test
    void whatHasWaitedLongIsDueWhateverTheRatio() {
        assertThat(plan(30, 20, new CompactionConfig(0.5, 0, 8_000, 0)).isDue()).isFalse();
        assertThat(plan(30, 20, new CompactionConfig(0.5, 0, 7_999, 0)).isDue()).isTrue();
    }

    @Test
    void neighboursThatFitBecomeOne() {
        assertThat(SegmentGroups.of(SEGMENTS, 200)).containsExactly(SEGMENTS.subList(0, 2), SEGMENTS.subList(2, 3));
        assertThat(SegmentGroups.of(SEGMENTS, 99)).hasSize(3);
        SegmentShape far = new SegmentShape(30, 1L + Integer.MAX_VALUE, 1, 0, 0);
        SegmentShape tooFar = new SegmentShape(30, 2L + Integer.MAX_VALUE, 1, 0, 0);
        assertThat(SegmentGroups.of(List.of(SEGMENTS.getFirst(), far), 200)).hasSize(1);
        assertThat(SegmentGroups.of(List.of(SEGMENTS.getFirst(), tooFar), 200)).hasSize(2);
        assertThat(SegmentGroups.of(List.of(), 200)).isEmpty();
    }

    @Test
    void theThrottleHoldsTheRate() {
        Throttle throttle = new Throttle(1_000);
        long nowNs = 5_000_000_000L;
        long startNs = nowNs;
        for (int i = 0; i < 100; i++) {
            nowNs += throttle.moved(100, nowNs);
        }
        // 10,000 bytes take ten seconds, less what may come at once.
        assertThat(nowNs - startNs).isEqualTo(9_900_000_000L);
        assertThat(throttle.moved(100, nowNs + 60_000_000_000L)).isZero();
        assertThat(new Throttle(Double.MAX_VALUE).moved(Long.MAX_VALUE, 0)).isZero();
    }

    @Test
    void aCheckpointIsKnownToBeDamaged() {
        CompactionCheckpoint checkpoint = new CompactionCheckpoint(123, 77);
        byte[] content = checkpoint.encode();
        assertThat(CompactionCheckpoint.decode(content)).hasValue(checkpoint);
        for (int i = 0; i < content.length; i++) {
            byte[] flipped = content.clone();
            flipped[i] ^= 1;
            assertThat(CompactionCheckpoint.decode(flipped)).isEmpty();
            assertThat(CompactionCheckpoint.decode(java.util.Arrays.copyOf(content, i)))
                    .isEmpty();
        }
        assertThat(checkpoint.withTombstonesGoneBelow(5)).isEqualTo(checkpoint);
        assertThat(checkpoint.truncatedTo(100)).isEqualTo(new CompactionCheckpoint(100, 77));
    }
}
