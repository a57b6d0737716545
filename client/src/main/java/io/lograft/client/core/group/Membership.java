package io.lograft.client.core.group;

import java.util.List;

/** A member's end of one of the two protocols of groups. */
public interface Membership {
    /** No epoch: it is no member. */
    int NO_EPOCH = 0;

    /** As the coordinator knows it; empty before the classic protocol gave it one. */
    String memberId();

    /** The epoch or generation to commit with; {@link #NO_EPOCH} while it is no member. */
    int memberEpoch();

    /** True where it has left because the application did not poll, so that {@link GroupEvent.PollsAgain} is due. */
    boolean isStale();

    /** When {@link GroupEvent.Tick} is due; Long.MAX_VALUE for never. */
    long dueMs(long nowMs);

    /** Takes an event in, and adds what is to be done to {@code effects}. */
    void on(GroupEvent event, long nowMs, List<GroupEffect> effects);
}
