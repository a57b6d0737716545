package io.lograft.broker.group.classic;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.broker.group.GroupRecord.ClassicMemberState;
import io.lograft.broker.group.GroupReply.JoinedMember;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The members of a group in the order in which they came, their leader, and which of them holds which instance id.
 *
 * <p>Owned by: the shard's loop.
 */
final class ClassicMembers {
    private final String groupId;
    private final Map<String, ClassicMember> byId = new LinkedHashMap<>();
    private final Map<String, String> idByInstance = new HashMap<>();
    private String leaderId = "";

    ClassicMembers(String groupId) {
        this.groupId = groupId;
    }

    int size() {
        return byId.size();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    /** A view, in the order in which they came. */
    Collection<ClassicMember> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** All, but for this one if there is one. */
    List<ClassicMember> othersThan(Optional<ClassicMember> one) {
        return byId.values().stream()
                .filter(member -> one.isEmpty() || member != one.get())
                .toList();
    }

    Optional<ClassicMember> find(String memberId) {
        return Optional.ofNullable(byId.get(memberId));
    }

    Optional<ClassicMember> findStatic(String instanceId) {
        return Optional.ofNullable(idByInstance.get(instanceId)).map(byId::get);
    }

    Optional<ClassicMember> waitingWith(long requestId) {
        return byId.values().stream()
                .filter(member -> member.waitsWith(requestId))
                .findFirst();
    }

    /** Why nobody is a member under these names; empty: one is. */
    Optional<Refused> refusal(String memberId, String instanceId) {
        if (instanceId.isEmpty() ? byId.containsKey(memberId) : memberId.equals(idByInstance.get(instanceId))) {
            return Optional.empty();
        }
        if (!instanceId.isEmpty() && idByInstance.containsKey(instanceId)) {
            return Optional.of(new Refused(
                    ErrorCode.FENCED_INSTANCE_ID,
                    "instance id '" + instanceId + "' of group '" + groupId + "' is held by a newer member than '"
                            + memberId + "'"));
        }
        String instance = instanceId.isEmpty() ? "" : " with the instance id '" + instanceId + "'";
        return Optional.of(new Refused(
                ErrorCode.UNKNOWN_MEMBER, "group '" + groupId + "' has no member '" + memberId + "'" + instance));
    }

    /** The first one leads. */
    void add(ClassicMember member) {
        byId.put(member.id(), member);
        if (member.isStatic()) {
            idByInstance.put(member.identity().instanceId(), member.id());
        }
        if (leaderId.isEmpty()) {
            leaderId = member.id();
        }
    }

    void remove(ClassicMember member) {
        byId.remove(member.id());
        idByInstance.remove(member.identity().instanceId(), member.id());
        if (leads(member)) {
            leaderId = byId.isEmpty() ? "" : byId.keySet().iterator().next();
        }
    }

    /** Another one takes the member's place, its assignment, and its leadership. */
    void replace(ClassicMember former, ClassicMember successor) {
        successor.assign(former.assignment());
        boolean led = leads(former);
        List<ClassicMember> order = new ArrayList<>(byId.values());
        order.set(order.indexOf(former), successor);
        byId.clear();
        idByInstance.clear();
        order.forEach(this::add);
        if (led) {
            leaderId = successor.id();
        }
    }

    // ---- the leader

    /** Empty where there is no member. */
    String leaderId() {
        return leaderId;
    }

    boolean leads(ClassicMember member) {
        return member.id().equals(leaderId);
    }

    /** The leader stays, unless it is one of those that have not joined; then the first that has leads. */
    void electAmongJoined() {
        if (find(leaderId).filter(ClassicMember::waitsForJoin).isEmpty()) {
            leaderId = byId.values().stream()
                    .filter(ClassicMember::waitsForJoin)
                    .findFirst()
                    .orElseThrow()
                    .id();
        }
    }

    // ---- what they have in common

    /** Names of protocols that all of them know, and the offer too. */
    static Set<String> common(Collection<ClassicMember> members, List<Protocol> offer) {
        Set<String> names = new HashSet<>();
        offer.forEach(protocol -> names.add(protocol.name()));
        for (ClassicMember member : members) {
            names.removeIf(name -> member.metadata(name).isEmpty());
        }
        return names;
    }

    /**
     * Each votes for the first of its protocols that all know; most votes win, and where two have as many, the one that
     * the first voter likes better.
     */
    static String vote(List<List<Protocol>> offers) {
        Set<String> candidates = new HashSet<>();
        offers.getFirst().forEach(protocol -> candidates.add(protocol.name()));
        for (List<Protocol> offer : offers) {
            candidates.removeIf(name -> ClassicMember.metadata(offer, name).isEmpty());
        }
        Map<String, Integer> votes = new HashMap<>();
        for (List<Protocol> offer : offers) {
            offer.stream()
                    .map(Protocol::name)
                    .filter(candidates::contains)
                    .findFirst()
                    .ifPresent(name -> votes.merge(name, 1, Integer::sum));
        }
        int most = votes.values().stream().max(Integer::compare).orElseThrow();
        return offers.getFirst().stream()
                .map(Protocol::name)
                .filter(name -> votes.getOrDefault(name, 0) == most)
                .findFirst()
                .orElseThrow();
    }

    /** The most patient one counts. */
    int rebalanceMsMax() {
        return byId.values().stream()
                .mapToInt(member -> member.timeouts().rebalanceMs())
                .max()
                .orElse(0);
    }

    // ---- generations

    List<JoinedMember> joined(String protocolName) {
        return byId.values().stream()
                .map(member -> new JoinedMember(
                        member.id(),
                        member.identity().instanceId(),
                        member.metadata(protocolName).orElseThrow()))
                .toList();
    }

    /** As they are to be written, each with what it is assigned here. */
    List<ClassicMemberState> states(Map<String, Bytes> assignments) {
        return byId.values().stream()
                .map(member -> new ClassicMemberState(
                        member.identity(),
                        member.timeouts(),
                        member.protocols(),
                        assignments.getOrDefault(member.id(), Bytes.EMPTY),
                        member.joinedAtMs()))
                .toList();
    }

    /** What they have now. */
    Map<String, Bytes> assignments() {
        Map<String, Bytes> assignments = new HashMap<>();
        byId.values().forEach(member -> assignments.put(member.id(), member.assignment()));
        return assignments;
    }

    /**
     * Those of the generation are the members. Where the generation was decided here they are the same ones, and their
     * requests wait on.
     */
    void replay(ClassicGeneration generation) {
        List<ClassicMember> members = new ArrayList<>();
        for (ClassicMemberState state : generation.members()) {
            ClassicMember member = find(state.identity().memberId())
                    .orElseGet(() -> new ClassicMember(
                            state.identity(), state.joinedAtMs(), state.timeouts(), state.protocols()));
            member.offers(state.timeouts(), state.protocols());
            member.assign(state.assignment());
            members.add(member);
        }
        byId.clear();
        idByInstance.clear();
        members.forEach(this::add);
        leaderId = generation.leaderId();
    }
}
