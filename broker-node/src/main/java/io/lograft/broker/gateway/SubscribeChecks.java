package io.lograft.broker.gateway;

import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.TopicPartition;

/** What must be true of the messages of a Subscribe stream. Pure. */
final class SubscribeChecks {
    static final int RELEASE_TIMEOUT_MS_DEFAULT = 5_000;
    private static final int RELEASE_TIMEOUT_MS_MAX = 60_000;
    /** The SDK takes no more; the brokers of most clusters allow far less. */
    private static final int SESSION_TIMEOUT_MS_MAX = 20 * 86_400_000;

    private static final int NAMES_MAX = 10_000;

    private SubscribeChecks() {}

    /** What is wrong with the first message, null if nothing. */
    static String faultOfFirst(SubscribeRequest first) {
        if (!first.hasStart()) {
            return "the first message has to be start, not " + nameOf(first);
        }
        SubscribeRequest.Start start = first.getStart();
        if (start.getCreditBytes() < 1) {
            return "credit_bytes " + start.getCreditBytes() + " is below 1";
        }
        if (start.getTopicsCount() > NAMES_MAX || start.getPositionsCount() > NAMES_MAX) {
            return start.getTopicsCount() + " topics or " + start.getPositionsCount() + " positions are more than "
                    + NAMES_MAX;
        }
        if (start.getTopicsList().contains("")) {
            return "a topic is empty";
        }
        return start.getGroup().isEmpty() ? faultWithoutGroup(start) : faultWithGroup(start);
    }

    private static String faultWithoutGroup(SubscribeRequest.Start start) {
        if (!start.getTopicPattern().isEmpty()
                || start.getSessionTimeoutMs() != 0
                || start.getReleaseTimeoutMs() != 0) {
            return "topic_pattern, session_timeout_ms and release_timeout_ms need a group";
        }
        if (start.getTopicsCount() == 0 && start.getPositionsCount() == 0) {
            return "neither topics nor positions nor a group";
        }
        for (SubscribeRequest.Position position : start.getPositionsList()) {
            String fault = fault(position);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static String faultWithGroup(SubscribeRequest.Start start) {
        if (start.getPositionsCount() > 0) {
            return "positions with group '" + start.getGroup() + "', whose committed offsets tell where to begin";
        }
        if (start.getTopicsCount() == 0 && start.getTopicPattern().isEmpty()) {
            return "neither topics nor a topic_pattern";
        }
        if (start.getSessionTimeoutMs() < 0 || start.getSessionTimeoutMs() > SESSION_TIMEOUT_MS_MAX) {
            return "session_timeout_ms " + start.getSessionTimeoutMs() + " is not in 0.." + SESSION_TIMEOUT_MS_MAX;
        }
        return start.getReleaseTimeoutMs() < 0 || start.getReleaseTimeoutMs() > RELEASE_TIMEOUT_MS_MAX
                ? "release_timeout_ms " + start.getReleaseTimeoutMs() + " is not in 0.." + RELEASE_TIMEOUT_MS_MAX
                : null;
    }

    /** What is wrong with another message, null if nothing. */
    static String faultOfNext(SubscribeRequest request, boolean hasGroup) {
        return switch (request.getMessageCase()) {
            case CREDIT_BYTES ->
                request.getCreditBytes() < 1 ? "credit_bytes " + request.getCreditBytes() + " is below 1" : null;
            case COMMIT -> hasGroup ? null : "commit on a stream without a group";
            case RELEASE -> hasGroup ? fault(request.getRelease()) : "release on a stream without a group";
            case START -> "start a second time";
            case MESSAGE_NOT_SET -> "a message without content";
        };
    }

    private static String fault(SubscribeRequest.Release release) {
        for (TopicPartition partition : release.getPartitionsList()) {
            if (partition.getPartition() < 0) {
                return "partition " + partition.getPartition() + " in a release is negative";
            }
        }
        return null;
    }

    /** What is wrong with a position, null if nothing. */
    static String fault(SubscribeRequest.Position position) {
        if (position.getTopic().isEmpty()) {
            return "the topic of a position is missing";
        }
        return position.getPartition() < 0 || position.getOffset() < 0
                ? "partition " + position.getPartition() + " or offset " + position.getOffset() + " is negative"
                : null;
    }

    private static String nameOf(SubscribeRequest request) {
        return request.getMessageCase().name().toLowerCase(java.util.Locale.ROOT);
    }
}
