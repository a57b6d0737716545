package io.lograft.client.transport.group;

/**
 * How a member takes part in its group.
 *
 * @param groupId the group
 * @param instanceId empty: a dynamic member
 * @param clientId a name for people
 * @param assignor empty: the broker's choice
 * @param sessionTimeoutMs 0: the broker's default
 * @param rebalanceTimeoutMs 0: the broker's default
 * @param maxPollIntervalMs a member whose application does not poll for so long leaves
 */
public record GroupSettings(
        String groupId,
        String instanceId,
        String clientId,
        String assignor,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        long maxPollIntervalMs) {}
