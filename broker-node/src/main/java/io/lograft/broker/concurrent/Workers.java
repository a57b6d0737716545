package io.lograft.broker.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A bounded number of threads for work that may block: flushes, recovery, deletes. The queue in front of them is bounded
 * by whoever submits (one flush round per partition, one recovery per replica).
 */
public final class Workers implements Executor, AutoCloseable {
    private static final int IDLE_S_MAX = 30;

    private final ExecutorService threads;
    private final Consumer<Throwable> fatalHandler;

    /** Starts no thread before it is needed; one that has had nothing to do for long ends. */
    public Workers(String name, int count, Consumer<Throwable> fatalHandler) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count,
                count,
                IDLE_S_MAX,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name(name + "-", 0).daemon(true).factory());
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
        this.fatalHandler = fatalHandler;
    }

    /** Runs the task on one of the threads; a task that throws ends the process by the fatal handler. Any thread. */
    @Override
    public void execute(Runnable task) {
        threads.execute(() -> {
            try {
                task.run();
            } catch (Throwable broken) {
                fatalHandler.accept(broken);
            }
        });
    }

    /** Takes no more tasks; the threads end once those at hand are done, and nobody waits for that. Any thread. */
    public void endWhenDone() {
        threads.shutdown();
    }

    /** Lets the tasks at hand be done, up to five seconds. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
