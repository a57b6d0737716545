package io.lograft.client;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.client.core.group.Subscription;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.Session;
import io.lograft.client.transport.group.GroupRuntime;
import io.lograft.client.transport.group.GroupSettings;
import io.lograft.client.transport.group.GroupStep;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application's side of a group: takes partitions in and gives them up between polls, tells the listener, and
 * commits. Owned by: the consumer's thread.
 */
final class ConsumerGroup {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroup.class);
    private static final long CLOSE_MS_MAX = 5_000;
    private static final RebalanceListener NOBODY = new RebalanceListener() {};

    private final Session session;
    private final Consumer consumer;
    private final OffsetQuestions questions;
    private final GroupRuntime runtime;
    private final String groupId;
    private final long requestTimeoutMs;
    /** 0: the application commits by itself. */
    private final long autoCommitNs;

    private final Map<PartitionId, TopicPartition> names = new HashMap<>();
    private final Map<TopicPartition, PartitionId> ids = new HashMap<>();
    /** Of which the listener is being told that they go; it may close the consumer, which then does not tell it again. */
    private final Set<PartitionId> going = new HashSet<>();
    /** What was committed last by itself, to be left out while it stays so. */
    private final Map<TopicPartition, Long> autoCommitted = new HashMap<>();

    private CompletableFuture<Failure> autoCommit = CompletableFuture.completedFuture(null);
    private RebalanceListener listener = NOBODY;
    private boolean isSubscribed;
    private Failure failure;
    private long autoCommitDueNs;

    ConsumerGroup(Session session, Consumer consumer, String groupId, ConsumerOptions options, long requestTimeoutMs) {
        this.session = session;
        this.consumer = consumer;
        this.groupId = groupId;
        this.requestTimeoutMs = requestTimeoutMs;
        this.questions = new OffsetQuestions(session, requestTimeoutMs);
        this.autoCommitNs = options.autoCommit().toNanos();
        this.autoCommitDueNs = System.nanoTime() + autoCommitNs;
        GroupSettings settings = new GroupSettings(
                groupId,
                options.groupInstanceId(),
                options.clientId(),
                options.assignor(),
                options.groupProtocol() == GroupProtocol.CLASSIC ? options.assignors() : List.of(),
                (int) options.sessionTimeout().toMillis(),
                (int) options.rebalanceTimeout().toMillis(),
                options.maxPollInterval().toMillis());
        this.runtime = new GroupRuntime(session, settings, consumer::stepCame);
    }

    boolean isSubscribed() {
        return isSubscribed;
    }

    void subscribe(Subscription subscription, RebalanceListener newListener) {
        listener = newListener == null ? NOBODY : newListener;
        failure = null;
        isSubscribed = true;
        runtime.subscribe(subscription);
    }

    /** Commits, gives all up and leaves; waits for the coordinator for so long. */
    void unsubscribe(long timeoutMs) {
        if (!isSubscribed) {
            return;
        }
        try {
            takeStepsAndRevokeAll(timeoutMs);
        } finally {
            isSubscribed = false;
            failure = null;
            CompletableFuture<Void> left = runtime.unsubscribe();
            if (!session.isInLoop()) {
                left.completeOnTimeout(null, timeoutMs, TimeUnit.MILLISECONDS).join();
            }
            runtime.steps().clear();
        }
    }

    private void takeStepsAndRevokeAll(long timeoutMs) {
        try {
            takeSteps();
        } finally {
            revoke(Set.copyOf(names.keySet()), timeoutMs);
        }
    }

    /** Ends the membership; {@code isIdle} false: the consumer's thread is busy, so that nothing can be committed. */
    void close(boolean isIdle) {
        long timeoutMs = Math.min(CLOSE_MS_MAX, requestTimeoutMs);
        try {
            if (isIdle && isSubscribed) {
                unsubscribe(timeoutMs);
            } else if (isIdle && autoCommitNs > 0) {
                commitPositions(Set.copyOf(consumer.assignment()), timeoutMs);
            } else if (isSubscribed) {
                CompletableFuture<Void> left = runtime.unsubscribe();
                if (!session.isInLoop()) {
                    left.completeOnTimeout(null, timeoutMs, TimeUnit.MILLISECONDS)
                            .join();
                }
            }
        } finally {
            runtime.close();
        }
    }

    /** Does what is due between polls. */
    void serve() {
        runtime.pollStarted();
        if (isSubscribed) {
            takeSteps();
            runtime.pollStarted();
        }
        if (failure != null) {
            throw new LograftException(failure.code(), failure.message());
        }
        if (autoCommitNs > 0 && System.nanoTime() - autoCommitDueNs >= 0) {
            autoCommitDueNs = System.nanoTime() + autoCommitNs;
            autoCommitPositions();
        }
    }

    /** How long {@link #serve} can wait if no step comes. */
    long quietNs() {
        return autoCommitNs == 0 ? Long.MAX_VALUE : Math.max(1, autoCommitDueNs - System.nanoTime());
    }

    void pollEnded() {
        runtime.pollEnded();
    }

    private void takeSteps() {
        GroupStep step;
        while ((step = runtime.steps().poll()) != null) {
            if (step instanceof GroupStep.Assigned assigned) {
                assign(assigned.partitions());
            } else if (step instanceof GroupStep.Revoked revoked) {
                try {
                    revoke(revoked.partitions(), requestTimeoutMs);
                } finally {
                    runtime.gaveUp(revoked);
                }
            } else if (step instanceof GroupStep.Lost lost) {
                lose(lost.partitions());
            } else if (step instanceof GroupStep.Failed failed) {
                failure = failed.failure();
            }
        }
    }

    private void assign(Map<TopicPartition, GroupStep.Start> partitions) {
        partitions.forEach((partition, start) -> {
            names.put(start.id(), partition);
            ids.put(partition, start.id());
            consumer.begin(partition, start.committed());
        });
        listener.onAssigned(new TreeSet<>(partitions.keySet()));
    }

    private void revoke(Set<PartitionId> partitions, long timeoutMs) {
        Set<PartitionId> mine = notYetGoing(partitions);
        Set<TopicPartition> named = namesOf(mine);
        if (named.isEmpty()) {
            return;
        }
        going.addAll(mine);
        try {
            if (autoCommitNs > 0) {
                commitPositions(named, timeoutMs);
            }
            listener.onRevoked(new TreeSet<>(named));
        } finally {
            drop(mine);
        }
    }

    private void lose(Set<PartitionId> partitions) {
        Set<PartitionId> mine = notYetGoing(partitions);
        Set<TopicPartition> named = namesOf(mine);
        going.addAll(mine);
        try {
            if (!named.isEmpty()) {
                listener.onLost(new TreeSet<>(named));
            }
        } finally {
            drop(mine);
        }
    }

    private Set<PartitionId> notYetGoing(Set<PartitionId> partitions) {
        Set<PartitionId> rest = new HashSet<>(partitions);
        rest.removeAll(going);
        return rest;
    }

    private Set<TopicPartition> namesOf(Set<PartitionId> partitions) {
        Set<TopicPartition> found = new HashSet<>();
        for (PartitionId id : partitions) {
            if (names.containsKey(id)) {
                found.add(names.get(id));
            }
        }
        return found;
    }

    private void drop(Set<PartitionId> partitions) {
        going.removeAll(partitions);
        for (PartitionId id : partitions) {
            TopicPartition name = names.remove(id);
            if (name != null) {
                ids.remove(name);
                autoCommitted.remove(name);
                consumer.end(name);
            }
        }
    }

    private void autoCommitPositions() {
        if (!autoCommit.isDone()) {
            return;
        }
        settleAutoCommit();
        Map<TopicPartition, OffsetAndMetadata> offsets = changedPositions(consumer.assignment());
        if (offsets.isEmpty()) {
            return;
        }
        offsets.forEach((partition, offset) -> autoCommitted.put(partition, offset.offset()));
        autoCommit = send(offsets, requestTimeoutMs);
    }

    /** Looks at the outcome of the last commit that it made by itself; waits for it. */
    private void settleAutoCommit() {
        Failure refusal = autoCommit.join();
        autoCommit = CompletableFuture.completedFuture(null);
        if (refusal != null) {
            LOG.warn("group '{}': offsets were not committed, and are to be again: {}", groupId, refusal);
            autoCommitted.clear();
        }
    }

    private void commitPositions(Set<TopicPartition> partitions, long timeoutMs) {
        if (session.isInLoop()) {
            // Closed by a callback: this thread itself carries the commit, so it cannot wait for it.
            var unused = send(changedPositions(partitions), timeoutMs);
            return;
        }
        settleAutoCommit();
        Map<TopicPartition, OffsetAndMetadata> offsets = changedPositions(partitions);
        Failure refusal = offsets.isEmpty() ? null : send(offsets, timeoutMs).join();
        if (refusal != null) {
            LOG.warn("group '{}': offsets of {} were not committed: {}", groupId, partitions, refusal);
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> changedPositions(Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = consumer.positions();
        offsets.keySet().retainAll(partitions);
        offsets.entrySet()
                .removeIf(entry -> Long.valueOf(entry.getValue().offset()).equals(autoCommitted.get(entry.getKey())));
        return offsets;
    }

    /** Completes with null once the offsets are durable. */
    CompletableFuture<Failure> send(Map<TopicPartition, OffsetAndMetadata> offsets, long timeoutMs) {
        Map<PartitionId, CommitPoint> points = new HashMap<>();
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : offsets.entrySet()) {
            PartitionId id = idOf(entry.getKey());
            if (id == null) {
                return CompletableFuture.completedFuture(
                        new Failure(ErrorCode.UNKNOWN_PARTITION, "no partition " + entry.getKey()));
            }
            OffsetAndMetadata offset = entry.getValue();
            points.put(id, new CommitPoint(offset.offset(), offset.leaderEpoch(), offset.metadata()));
        }
        return isSubscribed ? runtime.commit(points, timeoutMs) : runtime.commitFromOutside(points, timeoutMs);
    }

    /** Waits for the metadata of a partition that is not the group's to read now; throws where there is none. */
    void checkKnown(TopicPartition partition) {
        if (!ids.containsKey(partition)) {
            questions.checkExists(partition);
        }
    }

    private PartitionId idOf(TopicPartition partition) {
        PartitionId assigned = ids.get(partition);
        ClusterView.Topic topic = session.metadata().view().topics().get(partition.topic());
        if (assigned != null || topic == null) {
            return assigned;
        }
        return partition.partition() < topic.partitions().size()
                ? new PartitionId(topic.id(), partition.partition())
                : null;
    }

    /** What the group has committed of these partitions, which exist; waits for the coordinator. */
    Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
        committedPoints(partitions)
                .forEach((partition, point) -> found.put(
                        partition, new OffsetAndMetadata(point.offset(), point.leaderEpoch(), point.metadata())));
        return found;
    }

    Map<TopicPartition, CommitPoint> committedPoints(Set<TopicPartition> partitions) {
        Calls.Reply<Map<PartitionId, CommitPoint>> reply =
                runtime.committed(requestTimeoutMs).join();
        if (reply.failure() != null) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        Map<TopicPartition, CommitPoint> found = new HashMap<>();
        for (TopicPartition partition : partitions) {
            CommitPoint point = reply.answer().get(idOf(partition));
            if (point != null) {
                found.put(partition, point);
            }
        }
        return found;
    }
}
