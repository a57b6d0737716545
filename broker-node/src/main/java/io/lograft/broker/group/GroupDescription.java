package io.lograft.broker.group;

import java.util.List;

/** What there is to say about a group; both kinds use the words of the wire. */
public record GroupDescription(
        String groupId,
        GroupKind kind,
        String state,
        String protocolType,
        int generation,
        String protocolName,
        List<Member> members) {
    public GroupDescription {
        members = List.copyOf(members);
    }

    /**
     * A member.
     *
     * @param metadata of classic groups: what it sent; else empty
     * @param assignment of classic groups: what it got; else empty
     * @param owned of consumer groups
     */
    public record Member(
            MemberIdentity identity,
            int memberEpoch,
            long joinedAtMs,
            Bytes metadata,
            Bytes assignment,
            List<GroupRecord.HeldPartition> owned) {
        public Member {
            owned = List.copyOf(owned);
        }
    }
}
