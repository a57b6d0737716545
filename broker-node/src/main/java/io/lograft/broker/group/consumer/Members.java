package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord.ConsumerMember;
import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The members of a group, and which of them holds a partition. Changed by records only. */
final class Members {
    private final SortedMap<String, Member> byId = new TreeMap<>();
    private final Map<String, String> idsByInstance = new HashMap<>();
    private final Map<PartitionId, String> holders = new HashMap<>();

    void replay(ConsumerMember record) {
        Member known = byId.get(record.memberId());
        if (known != null) {
            forget(known);
        }
        if (record.state().isEmpty()) {
            byId.remove(record.memberId());
            return;
        }
        ConsumerMemberState state = record.state().get();
        Member member = known == null ? new Member(state) : known;
        member.replay(state);
        byId.put(member.id(), member);
        remember(member);
    }

    private void forget(Member member) {
        idsByInstance.remove(member.state().identity().instanceId(), member.id());
        member.assigned().forEach(partition -> holders.remove(partition, member.id()));
        member.revoking().forEach(partition -> holders.remove(partition, member.id()));
    }

    private void remember(Member member) {
        if (member.state().identity().isStatic()) {
            idsByInstance.put(member.state().identity().instanceId(), member.id());
        }
        member.assigned().forEach(partition -> holders.put(partition, member.id()));
        member.revoking().forEach(partition -> holders.put(partition, member.id()));
    }

    /** In a log that was compacted, a record may name a holder before the one that frees the partition was read. */
    void loaded() {
        holders.clear();
        idsByInstance.clear();
        byId.values().forEach(this::remember);
    }

    /** By id; a copy, so that members may go meanwhile. */
    List<Member> all() {
        return new ArrayList<>(byId.values());
    }

    Collection<Member> view() {
        return byId.values();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int count() {
        return byId.size();
    }

    Optional<Member> find(String memberId) {
        return Optional.ofNullable(byId.get(memberId));
    }

    Optional<Member> withInstance(String instanceId) {
        return Optional.ofNullable(idsByInstance.get(instanceId)).flatMap(this::find);
    }

    /** Nobody but this member holds it. */
    boolean isFreeFor(String memberId, PartitionId partition) {
        String holder = holders.get(partition);
        return holder == null || holder.equals(memberId);
    }
}
