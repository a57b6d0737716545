package io.lograft.broker.concurrent;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs tasks that wait, each on a virtual thread of its own, and only so many at once; one more is refused. Safe for use
 * by several threads.
 */
public final class BoundedTasks implements AutoCloseable {
    private static final long CLOSE_MS_MAX = 1_000;

    private final ExecutorService threads;
    private final Semaphore slots;
    private final Consumer<Throwable> fatalHandler;

    /**
     * Starts no thread yet.
     *
     * @param fatalHandler gets what a task throws
     */
    public BoundedTasks(String name, int limit, Consumer<Throwable> fatalHandler) {
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-", 0).factory());
        this.slots = new Semaphore(limit);
        this.fatalHandler = fatalHandler;
    }

    /** Runs the task soon, or answers false: as many as there may be run already, or this is closed. Never waits. */
    public boolean tryExecute(Runnable task) {
        if (!slots.tryAcquire()) {
            return false;
        }
        try {
            threads.execute(() -> run(task));
            return true;
        } catch (java.util.concurrent.RejectedExecutionException closed) {
            slots.release();
            return false;
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable broken) {
            fatalHandler.accept(broken);
        } finally {
            slots.release();
        }
    }

    /** Takes no more tasks, and interrupts those that are not done within a second. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_MS_MAX, TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
