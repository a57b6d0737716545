package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.sim.world.SimulationFailure;
import java.util.HashMap;
import java.util.Map;

/**
 * What must hold at any time: no partition is owned by two members of one generation, neither as the coordinator has it
 * nor as members were told; offsets in the log never go back, and one that a client was told is committed is never lost.
 */
final class GroupChecker {
    private final Map<String, String> ownerInGeneration = new HashMap<>();
    private final Map<String, Long> acknowledged = new HashMap<>();
    private final Map<String, Long> inLog = new HashMap<>();
    private long acknowledgedCount;

    static void that(boolean holds, String message) {
        if (!holds) {
            throw new SimulationFailure("broken: " + message);
        }
    }

    private static String key(String groupId, int partition) {
        return groupId + "/" + partition;
    }

    // ---- owners

    /** A member was told that it has a partition in a generation; {@code owner} is the same for those that may share it. */
    void took(String groupId, int generation, int partition, String owner) {
        String key = key(groupId, partition) + "@" + generation;
        String other = ownerInGeneration.putIfAbsent(key, owner);
        that(other == null || other.equals(owner), key + " is owned by " + other + " and by " + owner);
    }

    /** What the coordinator has in mind. */
    void decided(GroupDescription group, SimKind kind) {
        Map<Integer, String> owners = new HashMap<>();
        for (GroupDescription.Member member : group.members()) {
            String memberId = member.identity().memberId();
            for (int partition : kind.held(member)) {
                String other = owners.put(partition, memberId);
                that(
                        other == null,
                        "the coordinator gives " + key(group.groupId(), partition) + " in generation "
                                + group.generation() + " to " + other + " and to " + memberId);
            }
        }
    }

    // ---- offsets

    void appended(GroupRecord record) {
        if (record instanceof GroupRecord.Offset offset && offset.committed().isPresent()) {
            String key = key(offset.groupId(), offset.partition().partition());
            long next = offset.committed().get().offset();
            long before = inLog.getOrDefault(key, 0L);
            that(next >= before, "the committed offset of " + key + " goes back from " + before + " to " + next);
            inLog.put(key, next);
        }
    }

    /** A coordinator took over what is in the log. */
    void loaded(Iterable<GroupRecord> log) {
        inLog.clear();
        log.forEach(this::appended);
        acknowledged.forEach((key, offset) -> that(
                inLog.getOrDefault(key, 0L) >= offset,
                "offset " + offset + " of " + key + " was acknowledged, and the log says " + inLog.get(key)));
    }

    /** A client was told that it is committed. */
    void acknowledged(String groupId, int partition, long offset) {
        acknowledgedCount++;
        acknowledged.merge(key(groupId, partition), offset, Math::max);
    }

    long acknowledgedCount() {
        return acknowledgedCount;
    }

    /** The highest one that a client was told; 0 where there is none. */
    long committed(String groupId, int partition) {
        return acknowledged.getOrDefault(key(groupId, partition), 0L);
    }

    /** A client was told that this is committed, and asked when at least the other was. */
    void fetched(String groupId, int partition, long offset, long before) {
        that(
                offset >= before,
                "offset " + before + " of " + key(groupId, partition) + " was acknowledged, and a fetch answers "
                        + offset);
    }
}
