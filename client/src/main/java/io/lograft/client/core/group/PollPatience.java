package io.lograft.client.core.group;

/** How long a member of either protocol stays in while its application does not poll. Not thread-safe. */
final class PollPatience {
    private final long intervalMs;
    private long idleSinceMs = GroupEvent.Tick.POLLING;

    PollPatience(long intervalMs) {
        this.intervalMs = intervalMs;
    }

    /** The member joins: what was before counts no more. */
    void reset() {
        idleSinceMs = GroupEvent.Tick.POLLING;
    }

    void note(GroupEvent.Tick tick) {
        idleSinceMs = tick.idleSinceMs();
    }

    boolean isOver(long nowMs) {
        return idleSinceMs != GroupEvent.Tick.POLLING && nowMs - idleSinceMs >= intervalMs;
    }

    /** When it is over, unless the application polls. */
    long endMs(long nowMs) {
        return (idleSinceMs == GroupEvent.Tick.POLLING ? nowMs : idleSinceMs) + intervalMs;
    }
}
