package io.lograft.broker.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventLoopTest {
    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    private EventLoop loop(int tasksMax) {
        return new EventLoop("test", Clock.SYSTEM, tasksMax, fatal::complete);
    }

    @Test
    void runsTasksInTheOrderInWhichTheyWereSent() {
        List<Integer> seen = new ArrayList<>();
        try (EventLoop loop = loop(1_000)) {
            for (int i = 0; i < 1_000; i++) {
                int n = i;
                loop.execute(() -> seen.add(n));
            }
        }
        assertThat(seen).hasSize(1_000).isSorted();
    }

    @Test
    void refusesNewWorkWhenFullButNotWhatFollowsFromAcceptedWork() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        List<String> done = new ArrayList<>();
        try (EventLoop loop = loop(2)) {
            loop.execute(() -> {
                entered.countDown();
                await(gate);
            });
            assertThat(entered.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(loop.tryExecute(() -> done.add("a"))).isTrue();
            assertThat(loop.tryExecute(() -> done.add("b"))).isTrue();
            assertThat(loop.tryExecute(() -> done.add("refused"))).isFalse();
            loop.execute(() -> done.add("c"));
            gate.countDown();
        }
        assertThat(done).containsExactly("a", "b", "c");
    }

    @Test
    void runsTimersInOrderOfTimeAndNotTheCancelledOnes() throws Exception {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        List<String> seen = new ArrayList<>();
        try (EventLoop loop = loop(10)) {
            loop.schedule(60, () -> result.complete(List.copyOf(seen)));
            loop.schedule(30, () -> seen.add("second"));
            loop.schedule(10, () -> seen.add("first"));
            loop.schedule(20, () -> seen.add("cancelled")).cancel();
            assertThat(result.get(5, TimeUnit.SECONDS)).containsExactly("first", "second");
        }
    }

    @Test
    void repeatsATimerUntilItIsCancelled() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        try (EventLoop loop = loop(10)) {
            EventLoop.Timer timer = loop.scheduleEvery(1, three::countDown);
            assertThat(three.await(5, TimeUnit.SECONDS)).isTrue();
            timer.cancel();
        }
    }

    @Test
    void doesTheWorkOfABatchAfterItsTasks() throws Exception {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        List<String> seen = new ArrayList<>();
        try (EventLoop loop = loop(10)) {
            loop.afterEachBatch(() -> {
                if (!seen.isEmpty()) {
                    seen.add("after");
                    result.complete(List.copyOf(seen));
                }
            });
            loop.execute(() -> seen.add("task"));
            assertThat(result.get(5, TimeUnit.SECONDS)).containsExactly("task", "after");
        }
    }

    @Test
    void givesABrokenInvariantToTheFatalHandlerAndStops() throws Exception {
        try (EventLoop loop = loop(10)) {
            loop.execute(() -> {
                throw new IllegalStateException("broken");
            });
            assertThat(fatal.get(5, TimeUnit.SECONDS)).hasMessage("broken");
            assertThat(loop.tryExecute(() -> {})).isFalse();
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
