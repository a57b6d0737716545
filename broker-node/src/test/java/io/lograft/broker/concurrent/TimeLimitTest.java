package io.lograft.broker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class TimeLimitTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void whatIsDoneInTimeIsDone() {
        AtomicBoolean isDone = new AtomicBoolean();
        assertThat(TimeLimit.within(LONG, "work", () -> isDone.set(true))).isTrue();
        assertThat(isDone).isTrue();
    }

    @Test
    void whatFailsIsNotWaitedFor() {
        assertThat(TimeLimit.within(LONG, "work", () -> {
                    throw new IOException("no");
                }))
                .isFalse();
    }

    @Test
    void whatTakesTooLongIsLeftToItself() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch hasEnded = new CountDownLatch(1);
        boolean isDone = TimeLimit.within(Duration.ofMillis(20), "work", () -> {
            mayEnd.await();
            hasEnded.countDown();
        });
        assertThat(isDone).isFalse();
        mayEnd.countDown();
        hasEnded.await();
    }
}
