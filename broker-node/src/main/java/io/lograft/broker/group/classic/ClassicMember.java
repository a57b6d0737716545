package io.lograft.broker.group.classic;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupContext;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * A member: what it offered, what it was assigned, and which of its requests waits. At most one request waits at a time;
 * a newer one takes the place of an older one, whose client has given it up. While one waits, the member cannot be
 * expected to send heartbeats, and counts as alive; every wait ends with the state that it belongs to, so this too is
 * bounded.
 *
 * <p>Owned by: the shard's loop.
 */
final class ClassicMember {
    /** How long a member whose connection broke has to be heard of. */
    static final long CONNECTION_GRACE_MS = 1_000;

    private final MemberIdentity identity;
    private final long joinedAtMs;
    private Timeouts timeouts;
    private List<Protocol> protocols;
    private Bytes assignment = Bytes.EMPTY;
    private long sessionDueMs = Long.MAX_VALUE;
    private Wait wait = Wait.NONE;
    private long waitingRequestId;
    private boolean owesSync;
    private boolean hasJoined;

    private enum Wait {
        NONE,
        JOIN,
        SYNC
    }

    ClassicMember(MemberIdentity identity, long joinedAtMs, Timeouts timeouts, List<Protocol> protocols) {
        this.identity = identity;
        this.joinedAtMs = joinedAtMs;
        this.timeouts = timeouts;
        this.protocols = List.copyOf(protocols);
    }

    String id() {
        return identity.memberId();
    }

    MemberIdentity identity() {
        return identity;
    }

    boolean isStatic() {
        return identity.isStatic();
    }

    long joinedAtMs() {
        return joinedAtMs;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** In the order of its preference. */
    List<Protocol> protocols() {
        return protocols;
    }

    /** What it offered for a protocol; empty where it does not know that one. */
    Optional<Bytes> metadata(String protocolName) {
        return metadata(protocols, protocolName);
    }

    static Optional<Bytes> metadata(List<Protocol> protocols, String protocolName) {
        return protocols.stream()
                .filter(protocol -> protocol.name().equals(protocolName))
                .map(Protocol::metadata)
                .findFirst();
    }

    /** It may offer something else each time it joins. */
    void offers(Timeouts itsTimeouts, List<Protocol> itsProtocols) {
        timeouts = itsTimeouts;
        protocols = List.copyOf(itsProtocols);
    }

    Bytes assignment() {
        return assignment;
    }

    /** It is of a generation that was written, so it has heard of itself. */
    void assign(Bytes assigned) {
        assignment = assigned;
        hasJoined = true;
    }

    // ---- whether it lives

    void heardOf(long nowMs) {
        sessionDueMs = nowMs + timeouts.sessionMs();
    }

    /** When it is taken for dead unless it is heard of; Long.MAX_VALUE while a request of it waits. */
    long sessionDueMs() {
        return wait == Wait.NONE ? sessionDueMs : Long.MAX_VALUE;
    }

    // ---- what it waits for

    boolean waitsForJoin() {
        return wait == Wait.JOIN;
    }

    boolean waitsForSync() {
        return wait == Wait.SYNC;
    }

    void waitForJoin(long requestId, GroupContext context) {
        startToWait(Wait.JOIN, requestId, context);
        owesSync = false;
    }

    void waitForSync(long requestId, GroupContext context) {
        startToWait(Wait.SYNC, requestId, context);
        owesSync = false;
    }

    private void startToWait(Wait next, long requestId, GroupContext context) {
        giveUpWaiting(context);
        wait = next;
        waitingRequestId = requestId;
    }

    /** Its client has sent a newer request; the older one is answered, so that each gets one answer. */
    void giveUpWaiting(GroupContext context) {
        if (wait != Wait.NONE) {
            refuseWaiting(ErrorCode.REBALANCE_IN_PROGRESS, "a newer request of the member took its place", context);
        }
    }

    boolean waitsWith(long requestId) {
        return wait != Wait.NONE && waitingRequestId == requestId;
    }

    /** As {@link #giveUpWaiting}, and it has little time to be heard of, unless it is a static one, which may be away. */
    void loseConnection(GroupContext context) {
        if (wait == Wait.SYNC) {
            owesSync = true;
        }
        refuseWaiting(ErrorCode.UNAVAILABLE, "the connection is gone by which the request came", context);
        if (!isStatic()) {
            sessionDueMs = Math.min(sessionDueMs, context.nowMs() + CONNECTION_GRACE_MS);
        }
    }

    /** Ends the wait with this answer, and gives the member a whole session. */
    void answer(GroupReply reply, GroupContext context) {
        wait = Wait.NONE;
        heardOf(context.nowMs());
        context.reply(waitingRequestId, reply);
    }

    /** Refuses what waits; nothing happens where nothing does. */
    void refuseWaiting(ErrorCode code, String message, GroupContext context) {
        if (wait != Wait.NONE) {
            answer(new GroupReply.Refused(code, message), context);
        }
    }

    /** True from the answer to its join until it asks for its assignment. */
    boolean owesSync() {
        return owesSync;
    }

    void expectSync() {
        owesSync = true;
        hasJoined = true;
    }

    /** True once it was told its member id. */
    boolean hasJoined() {
        return hasJoined;
    }

    void hasSynced() {
        owesSync = false;
    }
}
