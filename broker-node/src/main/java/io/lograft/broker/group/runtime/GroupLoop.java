package io.lograft.broker.group.runtime;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import java.util.concurrent.Executor;

/** The loop that a coordinator runs on: a thread's, or one in simulated time. Any thread. */
interface GroupLoop extends Executor {
    /** Runs a task once, after at least so long. */
    void schedule(long delayMs, Runnable task);

    Clock clock();

    /** The loop of a thread. */
    static GroupLoop of(EventLoop loop) {
        return new GroupLoop() {
            @Override
            public void execute(Runnable task) {
                loop.execute(task);
            }

            @Override
            public void schedule(long delayMs, Runnable task) {
                loop.schedule(delayMs, task);
            }

            @Override
            public Clock clock() {
                return loop.clock();
            }
        };
    }
}
