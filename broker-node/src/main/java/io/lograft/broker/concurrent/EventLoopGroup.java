package io.lograft.broker.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A fixed number of event loops; what shall stay together is pinned to one of them by a hash. */
public final class EventLoopGroup implements AutoCloseable {
    private final List<EventLoop> loops;

    /** Starts {@code count} loops, each with a mailbox of {@code tasksMax}. */
    public EventLoopGroup(String name, int count, Clock clock, int tasksMax, Consumer<Throwable> fatalHandler) {
        List<EventLoop> started = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            started.add(new EventLoop(name + "-" + i, clock, tasksMax, fatalHandler));
        }
        this.loops = List.copyOf(started);
    }

    /** The loop for a key with this hash; always the same one. */
    public EventLoop loopFor(int hash) {
        return loops.get(Math.floorMod(hash, loops.size()));
    }

    public List<EventLoop> all() {
        return loops;
    }

    @Override
    public void close() {
        loops.forEach(EventLoop::close);
    }
}
