package io.lograft.broker.group.sim;

import io.lograft.broker.group.Timeouts;

/**
 * A place for a member: what stays the same while processes come and go there.
 *
 * @param instanceId empty where its members are dynamic ones
 * @param preference how its members like the assignors; any number
 */
record SimPlace(String groupId, String name, String instanceId, Timeouts timeouts, int preference) {
    boolean isStatic() {
        return !instanceId.isEmpty();
    }
}
