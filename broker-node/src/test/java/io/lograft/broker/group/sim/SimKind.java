package io.lograft.broker.group.sim;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import java.util.Set;

/** What a kind of group brings to the simulation. */
interface SimKind {
    GroupKind kind();

    Group create(String groupId);

    /** A client of such a group, in a process of its own; {@code place} says what stays the same when it comes back. */
    SimMember member(SimProcess process, SimPlace place);

    /** Which partitions the coordinator has given to a member. */
    Set<Integer> held(GroupDescription.Member member);

    /** A request that waits for longer waits for ever. */
    long longestWaitMs();
}
