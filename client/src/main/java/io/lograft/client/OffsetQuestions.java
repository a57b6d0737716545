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
        return offsets(lookUp(same(partitions, question)));
    }

    /** The same of partitions that are taken to exist: one that does not is waited for as one without a leader is. */
    Map<TopicPartition, Long> existing(Collection<TopicPartition> partitions, OffsetLookup.Question question) {
        return offsets(ask(same(partitions, question)));
    }

    /** The record with the greatest timestamp, of partitions that have one. */
    Map<TopicPartition, OffsetAndTimestamp> withMaxTimestamp(Collection<TopicPartition> partitions) {
        return found(ask(same(partitions, new OffsetLookup.MaxTimestamp())));
    }

    Map<TopicPartition, OffsetAndTimestamp> forTimes(Map<TopicPartition, Long> timesMs) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        timesMs.forEach((partition, timeMs) -> questions.put(partition, new OffsetLookup.AtOrAfter(timeMs)));
        return found(lookUp(questions));
    }

    Map<TopicPartition, OffsetLookup.Answer> lookUp(Map<TopicPartition, OffsetLookup.Question> questions) {
        questions.keySet().forEach(this::checkExists);
        return ask(questions);
    }

    private Map<TopicPartition, OffsetLookup.Answer> ask(Map<TopicPartition, OffsetLookup.Question> questions) {
        Calls.Reply<Map<TopicPartition, OffsetLookup.Answer>> reply =
                session.offsets().ask(questions, requestTimeoutMs).join();
        if (reply.failure() != null) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer();
    }

    private static Map<TopicPartition, OffsetLookup.Question> same(
            Collection<TopicPartition> partitions, OffsetLookup.Question question) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        partitions.forEach(partition -> questions.put(partition, question));
        return questions;
    }

    private static Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetLookup.Answer> answers) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answers.forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    private static Map<TopicPartition, OffsetAndTimestamp> found(Map<TopicPartition, OffsetLookup.Answer> answers) {
        Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>();
        answers.forEach((partition, answer) -> {
            if (answer.offset() >= 0) {
                found.put(partition, new OffsetAndTimestamp(answer.offset(), answer.timestampMs()));
            }
        });
        return found;
    }
}
