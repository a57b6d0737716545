package io.lograft.broker.sim.world;

import java.util.ArrayDeque;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/** Virtual time, chance and the queue of what is to happen, ordered by (time, sequence). */
public final class SimWorld {
    private static final int TRACE_LINES_MAX = Integer.getInteger("sim.trace", 400);

    private record Scheduled(long timeMs, long sequence, Runnable action) implements Comparable<Scheduled> {
        @Override
        public int compareTo(Scheduled other) {
            return timeMs != other.timeMs ? Long.compare(timeMs, other.timeMs) : Long.compare(sequence, other.sequence);
        }
    }

    private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private final boolean traced;
    private final Random random;
    private long nowMs;
    private long sequence;
    private long steps;
    private long digest;

    public SimWorld(long seed, boolean traced) {
        this.random = new Random(seed);
        this.traced = traced;
    }

    public long nowMs() {
        return nowMs;
    }

    public long steps() {
        return steps;
    }

    /** Differs where anything happened at another time or in another order. */
    public long digest() {
        return digest;
    }

    public void after(long delayMs, Runnable action) {
        queue.add(new Scheduled(nowMs + Math.max(0, delayMs), sequence++, action));
    }

    public void runUntil(long timeMs) {
        while (!queue.isEmpty() && queue.peek().timeMs <= timeMs) {
            Scheduled next = queue.poll();
            nowMs = next.timeMs;
            steps++;
            digest = (digest ^ (nowMs * 1_000_003 + next.sequence)) * 0x9E3779B97F4A7C15L;
            next.action.run();
        }
        nowMs = timeMs;
    }

    // ---- chance

    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** From {@code low} to {@code high}, both included. */
    public int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    public long nextLong() {
        return random.nextLong();
    }

    // ---- trace

    /** Notes what happens; costs nothing unless a failure is being replayed. */
    public void trace(Supplier<String> line) {
        if (!traced) {
            return;
        }
        trace.add(String.format(Locale.ROOT, "%7d ms  %s", nowMs, line.get()));
        if (trace.size() > TRACE_LINES_MAX) {
            trace.removeFirst();
        }
    }

    public String lastEvents() {
        return String.join("\n", trace);
    }
}
