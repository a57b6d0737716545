package io.lograft.broker.group.sim;

import java.util.Set;

/** A member's client. Dies through its {@link SimProcess}, which then carries out nothing of it any more. */
interface SimMember {
    void start();

    /** Goes properly; {@code then} once the coordinator knows, or cannot be told. */
    void leave(Runnable then);

    /** Wants something else than before. */
    void changeSubscription();

    /** True where it has its part and reads it. */
    boolean isSettled();

    /** As the coordinator knows it now. */
    String memberId();

    /** Generation or epoch of what it has. */
    int generation();

    /** What it reads. */
    Set<Integer> partitions();
}
