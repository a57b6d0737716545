package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.broker.group.assign.Assignor;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/** What is wrong with a heartbeat, whoever sends it. */
final class HeartbeatChecks {
    static final int TOPICS_MAX = 10_000;
    static final int TOPIC_CHARACTERS_MAX = 200_000;
    private static final int MEMBER_ID_LENGTH_MAX = 64;
    private static final int NAME_LENGTH_MAX = 249;

    private HeartbeatChecks() {}

    static Optional<Refused> refusal(ConsumerHeartbeat request, GroupSettings settings) {
        int epoch = request.memberEpoch();
        if (epoch < ConsumerHeartbeat.LEAVING_FOR_A_WHILE) {
            return invalid("member epoch " + epoch + " is below " + ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        }
        Optional<Refused> identity = identityRefusal(request.identity());
        if (identity.isPresent()) {
            return identity;
        }
        if (epoch == ConsumerHeartbeat.LEAVING_FOR_A_WHILE
                && !request.identity().isStatic()) {
            return invalid("only a member with an instance id can leave for a while; '"
                    + request.identity().memberId() + "' has none");
        }
        if (epoch < 0) {
            return Optional.empty();
        }
        return timeoutRefusal(request.timeouts(), settings).or(() -> subscriptionRefusal(request.subscription()));
    }

    private static Optional<Refused> identityRefusal(MemberIdentity identity) {
        int length = identity.memberId().length();
        if (length == 0 || length > MEMBER_ID_LENGTH_MAX) {
            return invalid("a member id has 1 to " + MEMBER_ID_LENGTH_MAX + " characters, this one has " + length);
        }
        return tooLong("instance id", identity.instanceId()).or(() -> tooLong("client id", identity.clientId()));
    }

    private static Optional<Refused> tooLong(String what, String text) {
        return text.length() <= NAME_LENGTH_MAX
                ? Optional.empty()
                : invalid("the " + what + " has " + text.length() + " characters, at most " + NAME_LENGTH_MAX
                        + " are allowed");
    }

    private static Optional<Refused> timeoutRefusal(Timeouts timeouts, GroupSettings settings) {
        int sessionMs = timeouts.sessionMs();
        if (sessionMs != 0 && (sessionMs < settings.sessionMsMin() || sessionMs > settings.sessionMsMax())) {
            return Optional.of(new Refused(
                    ErrorCode.INVALID_SESSION_TIMEOUT,
                    "session timeout " + sessionMs + " ms is not within " + settings.sessionMsMin() + " to "
                            + settings.sessionMsMax() + " ms"));
        }
        return timeouts.rebalanceMs() < 0
                ? invalid("rebalance timeout " + timeouts.rebalanceMs() + " ms is negative")
                : Optional.empty();
    }

    private static Optional<Refused> subscriptionRefusal(Subscription subscription) {
        if (subscription.topics().isEmpty() && subscription.pattern().isEmpty()) {
            return invalid("neither topics nor a pattern to subscribe to");
        }
        if (subscription.topics().size() > TOPICS_MAX) {
            return invalid(subscription.topics().size() + " topics, at most " + TOPICS_MAX + " are allowed");
        }
        int characters = 0;
        for (String topic : subscription.topics()) {
            characters += topic.length();
            if (topic.isEmpty() || topic.length() > NAME_LENGTH_MAX) {
                return Optional.of(new Refused(
                        ErrorCode.INVALID_TOPIC_NAME,
                        "a topic name has 1 to " + NAME_LENGTH_MAX + " characters, one of the subscription has "
                                + topic.length()));
            }
        }
        if (characters > TOPIC_CHARACTERS_MAX) {
            return invalid("the names of all topics have " + characters + " characters together, at most "
                    + TOPIC_CHARACTERS_MAX + " are allowed");
        }
        if (Assignor.named(subscription.assignor()).isEmpty()) {
            return invalid("no assignor '" + shortened(subscription.assignor()) + "'; there are "
                    + Assignor.ALL.stream().map(Assignor::name).toList());
        }
        return TopicPattern.mistake(subscription.pattern())
                .map(mistake -> new Refused(ErrorCode.INVALID_REQUEST, mistake));
    }

    private static String shortened(String text) {
        return text.length() <= NAME_LENGTH_MAX ? text : text.substring(0, NAME_LENGTH_MAX) + "…";
    }

    private static Optional<Refused> invalid(String message) {
        return Optional.of(new Refused(ErrorCode.INVALID_REQUEST, message));
    }
}
