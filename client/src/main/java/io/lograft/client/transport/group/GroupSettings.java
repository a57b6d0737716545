package io.lograft.client.transport.group;

import io.lograft.client.assign.Assignor;
import java.util.List;

/**
 * How a member takes part in its group.
 *
 * @param groupId the group
 * @param instanceId empty: a dynamic member
 * @param clientId a name for people
 * @param assignor how the coordinator assigns; empty: the broker's choice
 * @param assignors how members assign, by the classic protocol; empty: the coordinator does
 * @param sessionTimeoutMs 0: the broker's default
 * @param rebalanceTimeoutMs 0: the broker's default
 * @param maxPollIntervalMs a member whose application does not poll for so long leaves
 */
public record GroupSettings(
        String groupId,
        String instanceId,
        String clientId,
        String assignor,
        List<Assignor> assignors,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        long maxPollIntervalMs) {
    public GroupSettings {
        assignors = List.copyOf(assignors);
    }

    /** True where the members assign. */
    public boolean isClassic() {
        return !assignors.isEmpty();
    }
}
