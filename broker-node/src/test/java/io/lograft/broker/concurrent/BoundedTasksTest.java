package io.lograft.broker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BoundedTasksTest {
    private final List<Throwable> broken = new CopyOnWriteArrayList<>();

    @Test
    void oneMoreThanTheLimitIsRefusedUntilOneIsDone() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (BoundedTasks tasks = new BoundedTasks("test", 1, broken::add)) {
            assertThat(tasks.tryExecute(() -> await(hold))).isTrue();
            assertThat(tasks.tryExecute(() -> {})).isFalse();
            hold.countDown();
            CompletableFuture<Void> ran = new CompletableFuture<>();
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!tasks.tryExecute(() -> ran.complete(null)) && System.nanoTime() < deadlineNs) {
                Thread.onSpinWait();
            }
            ran.get(10, TimeUnit.SECONDS);
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void whatATaskThrowsGoesToTheHandlerAndFreesItsPlace() {
        BoundedTasks tasks = new BoundedTasks("test", 1, broken::add);
        assertThat(tasks.tryExecute(() -> {
                    throw new IllegalStateException("broken");
                }))
                .isTrue();
        tasks.close();

        assertThat(broken).hasSize(1);
        assertThat(tasks.tryExecute(() -> {})).isFalse();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
