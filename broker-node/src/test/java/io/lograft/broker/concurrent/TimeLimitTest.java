package io.lograft.broker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class TimeLimitTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void whatIsDoneInTimeIsDone() {
        AtomicBoolean isDone = new AtomicBoolean();
        assertThat(TimeLimit.within(LONG, () -> isDone.set(true))).isEmpty();
        assertThat(isDone).isTrue();
    }

    @Test
    void whatFailsIsNotWaitedFor() {
        assertThat(TimeLimit.within(LONG, () -> {
                    throw new IOException("no");
                }))
                .hasValueSatisfying(why -> assertThat(why).contains("no"));
    }

    @Test
    void whatTakesTooLongIsLeftToItself() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch hasEnded = new CountDownLatch(1);
        Optional<String> why = TimeLimit.within(Duration.ofMillis(20), () -> {
            mayEnd.await();
            hasEnded.countDown();
        });
        assertThat(why).hasValueSatisfying(text -> assertThat(text).contains("CountDownLatch.await"));
        mayEnd.countDown();
        hasEnded.await();
    }
}
