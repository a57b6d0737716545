package io.lograft.client.core.group;

/**
 * How a member takes part in its group.
 *
 * @param memberId random, never used by another member
 * @param instanceId empty: a dynamic member; otherwise its partitions are kept for it while it is away for a short time
 * @param maxPollIntervalMs a member whose application does not poll for so long leaves the group
 */
public record MembershipConfig(String memberId, String instanceId, long maxPollIntervalMs) {
    public boolean isStatic() {
        return !instanceId.isEmpty();
    }
}
