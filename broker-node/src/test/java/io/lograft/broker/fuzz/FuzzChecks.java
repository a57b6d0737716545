package io.lograft.broker.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What every target has to keep to, whatever the input: memory in proportion to it. */
public final class FuzzChecks {
    /** Buffers of fixed sizes, and messages. */
    private static final long BYTES_FREE = 8L << 20;

    private static final int ATTEMPTS = 3;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private FuzzChecks() {}

    /** Something that may fail in a promised way. */
    public interface Body {
        void run();
    }

    /**
     * Runs it, and fails where it allocates far more than it has reason to. What is loaded on the way is allocated by this
     * thread, too, so what seems too much is run again.
     *
     * @param inputBytes size of the input
     * @param outputBytesMax what the input may legally expand to
     */
    public static void withinMemory(int inputBytes, long outputBytesMax, Body body) {
        long allowed = BYTES_FREE + 200L * inputBytes + 8 * outputBytesMax;
        long allocated = allocatedBy(body);
        for (int i = 1; i < ATTEMPTS && allocated > allowed; i++) {
            allocated = allocatedBy(body);
        }
        check(
                allocated <= allowed,
                allocated + " bytes allocated for an input of " + inputBytes + ", at most " + allowed + " are allowed");
    }

    private static long allocatedBy(Body body) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        body.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    public static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
