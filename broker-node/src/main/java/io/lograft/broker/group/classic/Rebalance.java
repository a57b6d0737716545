package io.lograft.broker.group.classic;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupRecord.ClassicGeneration;
import io.lograft.broker.group.GroupRecord.ClassicGroup;
import io.lograft.broker.group.GroupRecord.ClassicMemberState;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupReply.JoinedMember;
import io.lograft.broker.group.GroupReply.Synced;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Map;

/**
 * Moves a group from one state to the next, and from one generation to the next.
 *
 * <pre>
 * EMPTY       a member joins                             PREPARING   for a short while, in case more come
 * PREPARING   all have joined, or the time is over       COMPLETING  all are told the new generation
 * COMPLETING  the leader brings the assignments          STABLE      they are written, then all are told
 * COMPLETING, STABLE   a member comes, goes, changes     PREPARING   until all have joined again, or the time is over
 * any         the last member goes                       EMPTY       a generation without members is written
 * </pre>
 *
 * <p>Owned by: the shard's loop.
 */
final class Rebalance {
    /** A generation is one record, which has to find room in a batch of the default {@code message.max.bytes}. */
    static final int GENERATION_BYTES_MAX = 900_000;

    private final String groupId;
    private final ClassicMembers members;
    private ClassicState state = ClassicState.EMPTY;
    private int generationId;
    private String protocolType = "";
    private String protocolName = "";
    private long emptySinceMs;

    /** In PREPARING: when it ends, whoever has joined. */
    private long joinsDueMs;

    /** In the first PREPARING of an empty group: when it ends even if members still come. Else Long.MIN_VALUE. */
    private long latestJoinsDueMs = Long.MIN_VALUE;

    private boolean someoneCame;

    /** In COMPLETING and STABLE: when those that have not asked for their assignment are removed. */
    private long syncsDueMs = Long.MAX_VALUE;

    Rebalance(String groupId, ClassicMembers members) {
        this.groupId = groupId;
        this.members = members;
    }

    ClassicState state() {
        return state;
    }

    int generationId() {
        return generationId;
    }

    String protocolType() {
        return protocolType;
    }

    String protocolName() {
        return protocolName;
    }

    long emptySinceMs() {
        return emptySinceMs;
    }

    /** Members that there are speak of the same; without any, the first one says what the group is for. */
    void isFor(String type) {
        protocolType = type;
    }

    // ---- joining

    /** A member has come, or wants another assignment; its join waits. */
    void memberJoined(GroupContext context) {
        someoneCame = true;
        if (state == ClassicState.PREPARING) {
            completeIfAllJoined(context);
        } else {
            begin(context);
        }
    }

    private void begin(GroupContext context) {
        long now = context.nowMs();
        boolean isFirst = state == ClassicState.EMPTY;
        state = ClassicState.PREPARING;
        syncsDueMs = Long.MAX_VALUE;
        someoneCame = false;
        for (ClassicMember member : members.all()) {
            if (member.waitsForSync()) {
                member.refuseWaiting(
                        ErrorCode.REBALANCE_IN_PROGRESS,
                        "generation " + generationId + " of group '" + groupId + "' ended before it was assigned",
                        context);
            }
        }
        if (isFirst) {
            int delayMs = context.settings().initialDelayMs();
            joinsDueMs = now + delayMs;
            latestJoinsDueMs = now + Math.max(delayMs, members.rebalanceMsMax());
        } else {
            joinsDueMs = now + members.rebalanceMsMax();
            latestJoinsDueMs = Long.MIN_VALUE;
        }
        completeIfAllJoined(context);
    }

    private void completeIfAllJoined(GroupContext context) {
        // The first one of an empty group would never meet a second one if nobody waited for it.
        boolean mayMoreCome = latestJoinsDueMs > context.nowMs() && joinsDueMs > context.nowMs();
        if (!mayMoreCome && members.all().stream().allMatch(ClassicMember::waitsForJoin)) {
            complete(context);
        }
    }

    private void joinsAreDue(GroupContext context) {
        long now = context.nowMs();
        if (someoneCame && latestJoinsDueMs > now) {
            someoneCame = false;
            joinsDueMs = Math.min(now + context.settings().initialDelayMs(), latestJoinsDueMs);
            if (joinsDueMs > now) {
                return;
            }
        }
        // A static member may be away for its session timeout without losing its place. All others had their chance.
        List<ClassicMember> missing = members.all().stream()
                .filter(member -> !member.waitsForJoin() && !member.isStatic())
                .toList();
        missing.forEach(members::remove);
        if (members.isEmpty()) {
            becomeEmpty(context);
        } else if (members.all().stream().anyMatch(ClassicMember::waitsForJoin)) {
            complete(context);
        } else {
            // Nobody is there who could lead. One of them comes, or their sessions end.
            latestJoinsDueMs = Long.MIN_VALUE;
            joinsDueMs = now + Math.max(1, members.rebalanceMsMax());
        }
    }

    private void complete(GroupContext context) {
        members.electAmongJoined();
        generationId++;
        protocolName = ClassicMembers.vote(
                members.all().stream().map(ClassicMember::protocols).toList());
        state = ClassicState.COMPLETING;
        latestJoinsDueMs = Long.MIN_VALUE;
        syncsDueMs = context.nowMs() + members.rebalanceMsMax();
        for (ClassicMember member : members.all()) {
            if (member.waitsForJoin()) {
                member.expectSync();
                member.answer(joined(member), context);
            }
        }
    }

    /** The present generation, as a member hears of it. */
    Joined joined(ClassicMember member) {
        List<JoinedMember> all = members.leads(member) ? members.joined(protocolName) : List.of();
        return new Joined(generationId, protocolName, members.leaderId(), member.id(), all, false);
    }

    /** True where a member could take part in the present generation while it offers this. */
    boolean suits(ClassicMember member, String type, List<Protocol> offer) {
        List<List<Protocol>> offers = members.all().stream()
                .map(each -> each == member ? offer : each.protocols())
                .toList();
        return protocolType.equals(type)
                && ClassicMember.metadata(offer, protocolName).equals(member.metadata(protocolName))
                && ClassicMembers.vote(offers).equals(protocolName);
    }

    // ---- assigning

    /** The generation as it would be with these assignments. */
    ClassicGeneration generation(Map<String, Bytes> assignments, GroupContext context) {
        return new ClassicGeneration(
                protocolType,
                generationId,
                protocolName,
                members.leaderId(),
                members.states(assignments),
                context.wallMs());
    }

    /** Of what members sent; the rest is short. */
    static long bytesOf(ClassicGeneration generation) {
        long bytes = 0;
        for (ClassicMemberState member : generation.members()) {
            bytes += member.assignment().size();
            for (Protocol protocol : member.protocols()) {
                bytes += protocol.name().length() + protocol.metadata().size();
            }
        }
        return bytes;
    }

    /** Writes a generation of the members that there are, and tells those that wait for it. */
    void assign(ClassicGeneration generation, GroupContext context) {
        context.append(List.of(new ClassicGroup(groupId, generation)));
        for (ClassicMember member : members.all()) {
            if (member.waitsForSync()) {
                member.answer(new Synced(member.assignment()), context);
            }
        }
    }

    // ---- going

    /** Some members are gone. */
    void membersGone(GroupContext context) {
        if (members.isEmpty()) {
            becomeEmpty(context);
        } else if (state == ClassicState.PREPARING) {
            completeIfAllJoined(context);
        } else {
            begin(context);
        }
    }

    private void becomeEmpty(GroupContext context) {
        generationId++;
        protocolName = "";
        assign(generation(Map.of(), context), context);
    }

    // ---- time

    long nextDeadlineMs() {
        return switch (state) {
            case EMPTY -> Long.MAX_VALUE;
            case PREPARING -> joinsDueMs;
            case COMPLETING, STABLE -> syncsDueMs;
        };
    }

    void tick(GroupContext context) {
        if (state == ClassicState.PREPARING && joinsDueMs <= context.nowMs()) {
            joinsAreDue(context);
        } else if (syncsDueMs <= context.nowMs()) {
            syncsDueMs = Long.MAX_VALUE;
            List<ClassicMember> silent =
                    members.all().stream().filter(ClassicMember::owesSync).toList();
            silent.forEach(members::remove);
            if (!silent.isEmpty()) {
                membersGone(context);
            }
        }
    }

    /** The generation is the present one. */
    void replay(ClassicGeneration generation) {
        members.replay(generation);
        generationId = generation.generationId();
        protocolType = generation.protocolType();
        protocolName = generation.protocolName();
        if (members.isEmpty()) {
            state = ClassicState.EMPTY;
            emptySinceMs = generation.writtenAtMs();
            syncsDueMs = Long.MAX_VALUE;
        } else {
            state = ClassicState.STABLE;
        }
    }
}
