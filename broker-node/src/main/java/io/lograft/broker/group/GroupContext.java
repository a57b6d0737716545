package io.lograft.broker.group;

import io.lograft.model.ErrorCode;
import java.util.List;

/** What a group may use while it decides. */
public interface GroupContext {
    /** Monotonic, for deadlines. */
    long nowMs();

    /** Wall clock, for records and people. */
    long wallMs();

    GroupSettings settings();

    TopicCatalog topics();

    /** Replays the records, now, and has them appended as one batch. */
    void append(List<GroupRecord> records);

    /** Answers a request, once what was appended so far is committed. */
    void reply(long requestId, GroupReply reply);

    /** Refuses it. */
    default void refuse(long requestId, ErrorCode code, String message) {
        reply(requestId, new GroupReply.Refused(code, message));
    }

    /** A random id for a member; the only chance here. */
    String newMemberId(String clientId);
}
