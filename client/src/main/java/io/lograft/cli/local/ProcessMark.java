package io.lograft.cli.local;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * What tells a process from every other, past and present: its number and when it started. The number alone may have
 * passed to another process since.
 *
 * @param pid number of the process
 * @param startedAtMs when it started, -1 where the system does not say
 */
public record ProcessMark(long pid, long startedAtMs) {
    private static final long DYING_NS_MAX = 5_000_000_000L;
    private static final long POLL_NS = 10_000_000L;

    /** The mark of a process. */
    public static ProcessMark of(ProcessHandle process) {
        return new ProcessMark(
                process.pid(),
                process.info()
                        .startInstant()
                        .map(java.time.Instant::toEpochMilli)
                        .orElse(-1L));
    }

    /** Reads what {@link #text} wrote; empty for anything else. */
    public static Optional<ProcessMark> parse(String text) {
        String[] parts = text.strip().split(" ", -1);
        if (parts.length != 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProcessMark(Long.parseLong(parts[0]), Long.parseLong(parts[1])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The mark as one line of text, for a file. */
    public String text() {
        return pid + " " + startedAtMs + "\n";
    }

    /** The process, if it still lives and is the one that was marked. Waits up to 5 s for one that has been killed. */
    public Optional<ProcessHandle> find() {
        return ProcessHandle.of(pid).filter(process -> of(process).equals(this)).filter(process -> !hasEnded(process));
    }

    private static boolean hasEnded(ProcessHandle process) {
        long deadlineNs = System.nanoTime() + DYING_NS_MAX;
        ProcessState state = ProcessState.of(process);
        while (state == ProcessState.DYING && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(POLL_NS);
            state = ProcessState.of(process);
        }
        return state == ProcessState.ENDED;
    }
}
