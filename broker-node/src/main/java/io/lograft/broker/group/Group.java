package io.lograft.broker.group;

import io.lograft.broker.group.GroupRequest.CommitOffsets;
import java.util.Optional;

/**
 * A group of one kind: its members and their assignment, without its offsets, which are the shard's. Changes itself only
 * in {@code replay}; what it decides goes through {@link GroupContext#append}, which replays.
 *
 * <p>Owned by: the shard's loop.
 */
public interface Group {
    GroupKind kind();

    /** Without members, so that the group may be deleted, be of the other kind, and lose its offsets in time. */
    boolean isEmpty();

    /** Since when it has no member, as its records say; only where {@link #isEmpty}. */
    long emptySinceMs();

    /** Decides about a request of its own kind; every request is answered once, perhaps later. */
    void handle(long requestId, GroupRequest request, GroupContext context);

    /**
     * The connection is gone by which this request came, if it is not answered yet. It may be that its member died, or
     * that it will go on by another connection; the request is answered all the same.
     */
    void abandoned(long requestId, GroupContext context);

    /** Why this member may not commit now; empty: it may. Never called for {@link GroupRequest.MemberRef#NOBODY}. */
    Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, GroupContext context);

    /** The same for one of its partitions; the member as a whole may. */
    Optional<GroupReply.Refused> refusalToCommit(CommitOffsets request, GroupRequest.OffsetCommit offset);

    /** A durable change of this group. */
    void replay(GroupRecord record);

    /** All was replayed, and the coordinator begins to serve: members have a whole session to be heard of. */
    void loaded(GroupContext context);

    /** Topics or partitions came or went. */
    void topicsChanged(GroupContext context);

    /** When {@link #tick} is due; Long.MAX_VALUE for never. */
    long nextDeadlineMs();

    /** Time has passed. */
    void tick(GroupContext context);

    GroupDescription describe();
}
