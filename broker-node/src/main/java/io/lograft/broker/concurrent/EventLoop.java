package io.lograft.broker.concurrent;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One thread that runs tasks one after the other: those that other threads send, and timers. Objects that belong to a
 * loop need no locks.
 *
 * <p>Tasks must not block on network, fsync or another loop. A task that throws means that one of our invariants is
 * broken: the loop gives the throwable to the fatal handler, which is expected to end the process, and stops.
 */
public final class EventLoop implements Executor, AutoCloseable {
    private static final long IDLE_WAIT_MS = 1_000;

    private final String name;
    private final Clock clock;
    private final BoundedMailbox mailbox;
    private final Consumer<Throwable> fatalHandler;
    private final Thread thread;
    // Owned by the loop's thread.
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Timer.ORDER);
    private final List<Runnable> afterBatch = new ArrayList<>();
    private long timerCount;

    /**
     * Starts the loop.
     *
     * @param tasksMax how many tasks from outside may wait ({@link #tryExecute})
     */
    public EventLoop(String name, Clock clock, int tasksMax, Consumer<Throwable> fatalHandler) {
        this.name = name;
        this.clock = clock;
        this.mailbox = new BoundedMailbox(tasksMax);
        this.fatalHandler = fatalHandler;
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
        this.thread.start();
    }

    public Clock clock() {
        return clock;
    }

    /** True on the loop's own thread. */
    public boolean isInLoop() {
        return Thread.currentThread() == thread;
    }

    /** Sends new work from outside; false when the mailbox is full or the loop is closed. Any thread. */
    public boolean tryExecute(Runnable task) {
        return mailbox.offer(task);
    }

    /**
     * Sends what follows from work already accepted; never refused for lack of room. After {@link #close} it is
     * dropped. Any thread.
     */
    @Override
    public void execute(Runnable task) {
        mailbox.put(task);
    }

    /**
     * Registers work that is done after each batch of tasks, before the loop waits again: for what is collected during
     * a batch and sent once. Any thread; counts from the next batch on.
     */
    public void afterEachBatch(Runnable work) {
        execute(() -> afterBatch.add(work));
    }

    /** Runs a task once, after at least {@code delayMs}. Any thread. */
    public Timer schedule(long delayMs, Runnable task) {
        Timer timer = new Timer(clock.nowMs() + Math.max(0, delayMs), task);
        if (isInLoop()) {
            add(timer);
        } else {
            execute(() -> add(timer));
        }
        return timer;
    }

    /** Runs a task again and again, {@code periodMs} after its last end. Any thread. */
    public Timer scheduleEvery(long periodMs, Runnable task) {
        Timer timer = new Timer(clock.nowMs() + periodMs, task);
        timer.periodMs = Math.max(1, periodMs);
        if (isInLoop()) {
            add(timer);
        } else {
            execute(() -> add(timer));
        }
        return timer;
    }

    private void add(Timer timer) {
        timer.sequence = timerCount++;
        timers.add(timer);
    }

    private void run() {
        ArrayDeque<Runnable> spare = new ArrayDeque<>();
        try {
            while (true) {
                ArrayDeque<Runnable> tasks = mailbox.exchange(spare, waitMs());
                if (tasks.isEmpty() && mailbox.isClosed()) {
                    return;
                }
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                spare = tasks;
                runTimers();
                for (int i = 0; i < afterBatch.size(); i++) {
                    afterBatch.get(i).run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable broken) {
            mailbox.close();
            fatalHandler.accept(broken);
        }
    }

    private long waitMs() {
        Timer next = timers.peek();
        return next == null ? IDLE_WAIT_MS : Math.clamp(next.dueMs - clock.nowMs(), 0, IDLE_WAIT_MS);
    }

    private void runTimers() {
        long nowMs = clock.nowMs();
        for (Timer timer = timers.peek(); timer != null && timer.dueMs <= nowMs; timer = timers.peek()) {
            timers.poll();
            if (timer.isCancelled) {
                continue;
            }
            timer.task.run();
            if (timer.periodMs > 0 && !timer.isCancelled) {
                timer.dueMs = clock.nowMs() + timer.periodMs;
                add(timer);
            }
        }
    }

    /** Lets the tasks that wait be done, then ends the thread; waits for that up to five seconds. Not on the loop. */
    @Override
    public void close() {
        mailbox.close();
        if (isInLoop()) {
            return;
        }
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** A task that waits for its time. */
    public static final class Timer {
        private static final Comparator<Timer> ORDER =
                Comparator.<Timer>comparingLong(t -> t.dueMs).thenComparingLong(t -> t.sequence);

        private final Runnable task;
        private long dueMs;
        private long periodMs;
        private long sequence;
        private volatile boolean isCancelled;

        private Timer(long dueMs, Runnable task) {
            this.dueMs = dueMs;
            this.task = task;
        }

        /** The task does not run any more, unless it is running now. Any thread. */
        public void cancel() {
            isCancelled = true;
        }
    }
}
