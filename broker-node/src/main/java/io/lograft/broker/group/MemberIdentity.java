package io.lograft.broker.group;

/**
 * Who a member is.
 *
 * @param instanceId empty for a dynamic member
 * @param clientId a name for people
 * @param clientHost where it connects from
 */
public record MemberIdentity(String memberId, String instanceId, String clientId, String clientHost) {
    /** True for a member with an instance id, which may leave for a while and come back. */
    public boolean isStatic() {
        return !instanceId.isEmpty();
    }
}
