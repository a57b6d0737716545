package io.lograft.broker.fuzz;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import java.util.concurrent.CompletableFuture;

/**
 * The one loop that everything behind a fuzzed service runs on. Its time stands still, so that an input has the same outcome
 * each time. What would end a broker's process fails the input.
 */
public final class FuzzedLoop implements AutoCloseable {
    static final long NOW_MS = 1_000_000;
    /** What one task leads to is done after a few more. */
    private static final int TASKS_AFTER_ONE = 5;

    static final Clock STOPPED = new Clock() {
        @Override
        public long nowMs() {
            return NOW_MS;
        }

        @Override
        public long wallMs() {
            return NOW_MS;
        }
    };

    private final CompletableFuture<Object> broken = new CompletableFuture<>();
    private final EventLoopGroup loops = new EventLoopGroup("fuzz", 1, STOPPED, 10_000, broken::complete);

    EventLoopGroup group() {
        return loops;
    }

    public EventLoop loop() {
        return loops.loopFor(0);
    }

    /** Something that would end the process. */
    void broke(Throwable cause) {
        broken.complete(cause);
    }

    /** Waits until all that was begun is done, and fails if that would have ended the process. */
    public void settle() {
        for (int i = 0; i < TASKS_AFTER_ONE; i++) {
            CompletableFuture<Object> passed = new CompletableFuture<>();
            loop().execute(() -> passed.complete(null));
            await(passed);
        }
    }

    void await(CompletableFuture<?> done) {
        CompletableFuture.anyOf(done, broken).join();
        if (broken.isDone()) {
            throw new AssertionError("this would end the process", (Throwable) broken.join());
        }
    }

    @Override
    public void close() {
        loops.close();
    }
}
