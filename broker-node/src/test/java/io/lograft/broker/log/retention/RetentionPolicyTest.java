package io.lograft.broker.log.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.config.RetentionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
    private static final long DAY_MS = 24L * 60 * 60 * 1000;
    private static final long WEEK_MS = 7 * DAY_MS;
    private static final long NOW_MS = 1_700_000_000_000L;
    private static final RetentionConfig ONE_WEEK = new RetentionConfig(WEEK_MS, -1);

    private final List<RetainedSegment> segments = new ArrayList<>();

    /** A segment of ten records, which has this newest timestamp and was written to at this time, both so long ago. */
    private void segment(long sizeBytes, long timestampAgoMs, long appendAgoMs) {
        long base = segments.size() * 10L;
        segments.add(new RetainedSegment(base, base + 10, sizeBytes, NOW_MS - timestampAgoMs, NOW_MS - appendAgoMs));
    }

    private void emptyActive() {
        long base = segments.size() * 10L;
        segments.add(new RetainedSegment(base, base, 0, -1, NOW_MS));
    }

    private long start(RetentionConfig retention, long highWatermark) {
        return RetentionPolicy.logStart(segments, retention, highWatermark, OptionalLong.of(NOW_MS));
    }

    @Test
    void aSegmentGoesWhenItsNewestRecordIsOldEnoughAndNotBefore() {
        segment(100, WEEK_MS, WEEK_MS);
        segment(100, WEEK_MS - 1, WEEK_MS - 1);
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isEqualTo(10);
    }

    @Test
    void olderSegmentsBehindOneThatIsKeptStay() {
        segment(100, DAY_MS, DAY_MS);
        segment(100, 2 * WEEK_MS, DAY_MS);
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isZero();
    }

    @Test
    void theSegmentThatIsWrittenToGoesOnlyWhenItIsOldItself() {
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, 6 * DAY_MS, 6 * DAY_MS);
        assertThat(start(ONE_WEEK, 20)).isEqualTo(10);
        assertThat(start(new RetentionConfig(6 * DAY_MS, -1), 20))
                .as("rolled and dropped")
                .isEqualTo(20);
        assertThat(start(new RetentionConfig(-1, 0), 20))
                .as("never for its size")
                .isEqualTo(10);
    }

    @Test
    void anEmptySegmentThatIsWrittenToStays() {
        emptyActive();
        assertThat(start(new RetentionConfig(0, 0), 0)).isZero();
    }

    @Test
    void theOldestGoWhileTheOthersAreLargeEnough() {
        segment(100, 0, 0);
        segment(100, 0, 0);
        segment(100, 0, 0);
        segment(40, 0, 0);
        assertThat(start(new RetentionConfig(-1, 340), 40)).isZero();
        assertThat(start(new RetentionConfig(-1, 241), 40)).isZero();
        assertThat(start(new RetentionConfig(-1, 240), 40)).isEqualTo(10);
        assertThat(start(new RetentionConfig(-1, 100), 40)).isEqualTo(20);
        assertThat(start(new RetentionConfig(-1, 0), 40)).isEqualTo(30);
    }

    @Test
    void eitherLimitIsEnough() {
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, DAY_MS, DAY_MS);
        segment(100, 0, 0);
        assertThat(start(new RetentionConfig(WEEK_MS, 1 << 20), 30)).isEqualTo(10);
        assertThat(start(new RetentionConfig(WEEK_MS, 100), 30)).isEqualTo(20);
        assertThat(start(new RetentionConfig(-1, -1), 30)).isZero();
    }

    @Test
    void nothingGoesThatIsNotCommitted() {
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        assertThat(start(new RetentionConfig(WEEK_MS, 0), 19)).isEqualTo(10);
        assertThat(start(new RetentionConfig(WEEK_MS, 0), 9)).isZero();
        assertThat(start(new RetentionConfig(WEEK_MS, 0), 30)).isEqualTo(30);
    }

    @Test
    void aTimestampInTheFutureDoesNotKeepASegmentForEver() {
        segment(100, -365 * DAY_MS, WEEK_MS);
        segment(100, -365 * DAY_MS, WEEK_MS - 1);
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isEqualTo(10);
    }

    @Test
    void whatWasJustWrittenWithTimestampsOfLongAgoStaysForADay() {
        segment(100, NOW_MS, DAY_MS);
        segment(100, NOW_MS, DAY_MS - 1);
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isEqualTo(10);
        assertThat(start(new RetentionConfig(1_000, -1), 20))
                .as("a shorter retention time is the limit")
                .isEqualTo(20);
    }

    @Test
    void aSegmentWithoutAnyTimestampAgesFromItsLastAppend() {
        segments.add(new RetainedSegment(0, 10, 100, -1, NOW_MS - WEEK_MS));
        segments.add(new RetainedSegment(10, 20, 100, -1, NOW_MS - WEEK_MS + 1));
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isEqualTo(10);
    }

    @Test
    void aSegmentWasNotWrittenToLaterThanThoseBehindIt() {
        // The broker's clock, and with it the record's time, was a year ahead, and was set right afterwards.
        segment(100, -365 * DAY_MS, -365 * DAY_MS);
        segment(100, WEEK_MS + 1, WEEK_MS + 1);
        emptyActive();
        assertThat(start(ONE_WEEK, 20)).isEqualTo(20);
    }

    @Test
    void withoutATrustworthyTimeOnlyTheSizeCounts() {
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, 2 * WEEK_MS, 2 * WEEK_MS);
        segment(100, 0, 0);
        assertThat(RetentionPolicy.logStart(segments, ONE_WEEK, 30, OptionalLong.empty()))
                .isZero();
        assertThat(RetentionPolicy.logStart(segments, new RetentionConfig(WEEK_MS, 200), 30, OptionalLong.empty()))
                .isEqualTo(10);
    }

    @Test
    void theLargestRetentionTimeIsNoOverflow() {
        segment(100, NOW_MS, NOW_MS);
        segment(100, -NOW_MS, -NOW_MS);
        emptyActive();
        assertThat(start(new RetentionConfig(Long.MAX_VALUE, Long.MAX_VALUE), 20))
                .isZero();
    }

    /** Over random logs: what is decided is a boundary of segments, and what stays meets every limit. */
    @Test
    void whatGoesAlwaysHasAReason() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random random = new Random(seed);
            segments.clear();
            long[] appends =
                    random.longs(1 + random.nextInt(6), 0, 3 * WEEK_MS).sorted().toArray();
            for (int i = appends.length - 1; i >= 0; i--) {
                segment(1 + random.nextInt(100), random.nextLong(3 * WEEK_MS) - WEEK_MS, appends[i]);
            }
            RetentionConfig retention = new RetentionConfig(
                    random.nextInt(4) == 0 ? -1 : random.nextLong(WEEK_MS), random.nextInt(400) - 1);
            long highWatermark = random.nextInt(segments.size() * 10 + 1);
            long start = start(retention, highWatermark);
            assertThat(start % 10).as("seed " + seed).isZero();
            assertThat(start).as("seed " + seed).isLessThanOrEqualTo(highWatermark);
            List<RetainedSegment> kept = segments.stream()
                    .filter(segment -> segment.baseOffset() >= start)
                    .toList();
            long keptBytes = kept.stream().mapToLong(RetainedSegment::sizeBytes).sum();
            for (RetainedSegment gone : segments.subList(0, segments.size() - kept.size())) {
                boolean isYoung = NOW_MS - gone.maxTimestampMs() < retention.ms()
                        && NOW_MS - gone.lastAppendMs() < retention.ms();
                assertThat((retention.ms() >= 0 && !isYoung)
                                || (retention.bytes() >= 0 && keptBytes >= retention.bytes()))
                        .as("seed " + seed)
                        .isTrue();
            }
        }
    }
}
