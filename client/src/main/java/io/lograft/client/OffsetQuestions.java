package io.lograft.client;

import io.lograft.client.core.ClusterView;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a consumer asks about topics and their offsets, and waits for. For all threads. */
final class OffsetQuestions {
    private static final long TOPIC_WAIT_MS = 5_000;

    private final Session session;
    private final long requestTimeoutMs;

    OffsetQuestions(Session session, long requestTimeoutMs) {
        this.session = session;
        this.requestTimeoutMs = requestTimeoutMs;
    }

    List<TopicPartition> partitionsOf(String topic) {
        ClusterView.Topic known = awaitTopic(topic);
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < known.partitions().size(); i++) {
            partitions.add(new TopicPartition(topic, i));
        }
        return partitions;
    }

    void checkExists(TopicPartition partition) {
        ClusterView.Topic topic = awaitTopic(partition.topic());
        if (partition.partition() >= topic.partitions().size()) {
            throw new LograftException(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic '" + partition.topic() + "' has "
                            + topic.partitions().size() + " partitions, no " + partition.partition());
        }
    }

    ClusterView.Topic awaitTopic(String topic) {
        ClusterView.Topic known = session.metadata().view().topics().get(topic);
        if (known != null) {
            return known;
        }
        long waitMs = session.metadata().view().isEmpty() ? requestTimeoutMs : TOPIC_WAIT_MS;
        Calls.Reply<ClusterView> reply = session.metadata()
                .await(view -> view.topics().containsKey(topic), Math.min(waitMs, requestTimeoutMs))
                .join();
        if (reply.failure() != null && reply.answer().isEmpty()) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer()
                .topic(topic)
                .orElseThrow(() -> new LograftException(ErrorCode.UNKNOWN_TOPIC, "no topic '" + topic + "'"));
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions, OffsetLookup.Question question) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        partitions.forEach(partition -> questions.put(partition, question));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        lookUp(questions).forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    Map<TopicPartition, OffsetAndTimestamp> forTimes(Map<TopicPartition, Long> timesMs) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        timesMs.forEach((partition, timeMs) -> questions.put(partition, new OffsetLookup.AtOrAfter(timeMs)));
        Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>();
        lookUp(questions).forEach((partition, answer) -> {
            if (answer.offset() >= 0) {
                found.put(partition, new OffsetAndTimestamp(answer.offset(), answer.timestampMs()));
            }
        });
        return found;
    }

    Map<TopicPartition, OffsetLookup.Answer> lookUp(Map<TopicPartition, OffsetLookup.Question> questions) {
        questions.keySet().forEach(this::checkExists);
        Calls.Reply<Map<TopicPartition, OffsetLookup.Answer>> reply =
                session.offsets().ask(questions, requestTimeoutMs).join();
        if (reply.failure() != null) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer();
    }
}
