package io.lograft.client.transport;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.ListOffsetsResponse;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the leaders of partitions for offsets, again after each change of leader, until all have answered or time is up.
 * {@link #ask} may be called from any thread.
 */
public final class OffsetLookup {
    private static final long ATTEMPT_MS_MAX = 3_000;

    private final ClientLoop loop;
    private final Metadata metadata;
    private final Connections connections;

    OffsetLookup(ClientLoop loop, Metadata metadata, Connections connections) {
        this.loop = loop;
        this.metadata = metadata;
        this.connections = connections;
    }

    /** What is asked about a partition: one of its ends, a time, or the age of a record. */
    public sealed interface Question permits Earliest, Latest, AtOrAfter, MaxTimestamp, AgeOf {}

    /** The log start offset. */
    public record Earliest() implements Question {}

    /** The high watermark. */
    public record Latest() implements Question {}

    /** The first offset whose record has this timestamp or a later one. */
    public record AtOrAfter(long timeMs) implements Question {}

    /** The record with the greatest timestamp, the first of them where several have it. */
    public record MaxTimestamp() implements Question {}

    /** How old the record at this offset is, or the next one behind it. */
    public record AgeOf(long offset) implements Question {}

    /**
     * An offset, -1 where there is none, with its record's timestamp where that was asked for.
     *
     * @param ageMs of the record, by the clock of its leader; 0 where it was not asked for, or there is no record
     */
    public record Answer(long offset, long timestampMs, int leaderEpoch, long ageMs) {}

    /** What was found: for each partition an answer, or why there is none. */
    public record Answers(Map<TopicPartition, Answer> found, Map<TopicPartition, Failure> missing) {}

    /** Answers for all partitions, or the failure that stood in the way. */
    public CompletableFuture<Calls.Reply<Map<TopicPartition, Answer>>> ask(
            Map<TopicPartition, Question> questions, long timeoutMs) {
        Lookup lookup = start(questions, timeoutMs, false);
        return lookup.done.thenApply(answers -> answers.missing().isEmpty()
                ? new Calls.Reply<>(answers.found(), null)
                : Calls.Reply.failed(lookup.lastFailure));
    }

    /** The same, where one partition without a leader, or without a topic, is no reason to tell nothing of the others. */
    public CompletableFuture<Answers> askEach(Map<TopicPartition, Question> questions, long timeoutMs) {
        return start(questions, timeoutMs, true).done;
    }

    private Lookup start(Map<TopicPartition, Question> questions, long timeoutMs, boolean isEach) {
        metadata.start();
        Lookup lookup = new Lookup(questions, ClientLoop.nowMs() + timeoutMs, isEach);
        loop.execute(lookup::round);
        return lookup;
    }

    /** One look-up. Owned by: client loop. */
    private final class Lookup {
        private final Map<TopicPartition, Question> open;
        private final Map<TopicPartition, Answer> answers = new HashMap<>();
        private final Map<TopicPartition, Failure> failures = new HashMap<>();
        private final CompletableFuture<Answers> done = new CompletableFuture<>();
        private final long deadlineMs;
        private final boolean isEach;
        private int rounds;
        private int pending;
        private Failure lastFailure = new Failure(ErrorCode.LEADER_NOT_AVAILABLE, "no metadata came from any broker");

        private Lookup(Map<TopicPartition, Question> questions, long deadlineMs, boolean isEach) {
            this.open = new HashMap<>(questions);
            this.deadlineMs = deadlineMs;
            this.isEach = isEach;
        }

        private void round() {
            Map<Integer, List<TopicPartition>> byLeader = new HashMap<>();
            for (TopicPartition partition : open.keySet()) {
                int leader = leaderOf(partition);
                if (leader >= 0) {
                    byLeader.computeIfAbsent(leader, l -> new ArrayList<>()).add(partition);
                }
            }
            pending = byLeader.size();
            byLeader.forEach(this::askLeader);
            if (pending == 0) {
                roundEnded();
            }
        }

        private int leaderOf(TopicPartition partition) {
            ClusterView.Topic topic = metadata.view().topics().get(partition.topic());
            if (topic == null) {
                return failed(
                        partition,
                        metadata.view().isEmpty()
                                ? metadata.lastFailure()
                                : new Failure(ErrorCode.UNKNOWN_TOPIC, "no topic '" + partition.topic() + "'"));
            }
            if (partition.partition() >= topic.partitions().size()) {
                return failed(
                        partition,
                        new Failure(
                                ErrorCode.UNKNOWN_PARTITION,
                                "topic '" + partition.topic() + "' has "
                                        + topic.partitions().size() + " partitions, no " + partition.partition()));
            }
            int leader = topic.partitions().get(partition.partition()).leader();
            return leader >= 0
                    ? leader
                    : failed(
                            partition,
                            new Failure(ErrorCode.LEADER_NOT_AVAILABLE, "partition " + partition + " has no leader"));
        }

        /** Notes the failure; returns that there is no leader to ask. */
        private int failed(TopicPartition partition, Failure failure) {
            failures.put(partition, failure);
            lastFailure = failure;
            return -1;
        }

        private void askLeader(int leader, List<TopicPartition> partitions) {
            ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder();
            partitions.forEach(partition -> request.addQueries(query(partition)));
            long timeoutMs = Math.max(1, Math.min(ATTEMPT_MS_MAX, deadlineMs - ClientLoop.nowMs()));
            Calls.unary(
                    connections.channelTo(leader),
                    MetadataServiceGrpc.getListOffsetsMethod(),
                    request.build(),
                    timeoutMs,
                    reply -> onReply(partitions, reply));
        }

        private OffsetQuery query(TopicPartition partition) {
            ClusterView.Topic topic = metadata.view().topics().get(partition.topic());
            OffsetQuery.Builder query = OffsetQuery.newBuilder()
                    .setTopicId(WireBytes.topicId(topic.id()))
                    .setPartition(partition.partition())
                    .setCurrentLeaderEpoch(
                            topic.partitions().get(partition.partition()).leaderEpoch());
            Question question = open.get(partition);
            if (question instanceof AtOrAfter atOrAfter) {
                query.setAtOrAfterMs(atOrAfter.timeMs());
            } else if (question instanceof AgeOf ageOf) {
                query.setAgeOfOffset(ageOf.offset());
            } else if (question instanceof MaxTimestamp) {
                query.setMaxTimestamp(true);
            } else if (question instanceof Latest) {
                query.setLatest(true);
            } else {
                query.setEarliest(true);
            }
            return query.build();
        }

        private void onReply(List<TopicPartition> partitions, Calls.Reply<ListOffsetsResponse> reply) {
            if (reply.failure() != null) {
                partitions.forEach(partition -> failed(partition, reply.failure()));
            } else {
                for (int i = 0; i < Math.min(partitions.size(), reply.answer().getAnswersCount()); i++) {
                    take(partitions.get(i), reply.answer().getAnswers(i));
                }
            }
            if (--pending == 0) {
                roundEnded();
            }
        }

        private void take(TopicPartition partition, OffsetAnswer answer) {
            if (answer.hasLeaderHint()) {
                metadata.hint(WireBytes.topicId(answer.getTopicId()), partition.partition(), answer.getLeaderHint());
            }
            if (answer.hasFailure()) {
                failed(
                        partition,
                        new Failure(
                                ErrorCodes.fromProto(answer.getFailure().getCode()),
                                answer.getFailure().getMessage()));
            } else {
                answers.put(
                        partition,
                        new Answer(
                                answer.getOffset(),
                                answer.getTimestampMs(),
                                answer.getLeaderEpoch(),
                                answer.getAgeMs()));
                open.remove(partition);
                failures.remove(partition);
            }
        }

        private void roundEnded() {
            long delayMs = RetryPolicy.REQUESTS.delayMs(++rounds);
            if (open.isEmpty() || ClientLoop.nowMs() + delayMs >= deadlineMs || isPointless()) {
                open.keySet().forEach(partition -> failures.putIfAbsent(partition, lastFailure));
                done.complete(new Answers(answers, failures));
            } else {
                loop.schedule(this::round, delayMs);
            }
        }

        /** True where asking again cannot help: for any of them, or, where each counts for itself, for all of them. */
        private boolean isPointless() {
            return isEach
                    ? open.keySet().stream().allMatch(partition -> isFinal(failures.get(partition)))
                    : !lastFailure.code().isRetriable();
        }

        /** What does not exist according to metadata is not waited for. */
        private boolean isFinal(Failure failure) {
            return failure != null
                    && (failure.code() == ErrorCode.UNKNOWN_TOPIC
                            || failure.code() == ErrorCode.UNKNOWN_PARTITION
                            || !failure.code().isRetriable());
        }
    }
}
