package io.lograft.client.group;

import io.lograft.client.LograftException;
import io.lograft.client.core.ClusterView;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.client.transport.Session;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.DeleteGroupsRequest;
import io.lograft.proto.v1.DeleteGroupsResponse;
import io.lograft.proto.v1.DescribeGroupsRequest;
import io.lograft.proto.v1.DescribeGroupsResponse;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.GroupServiceGrpc;
import io.lograft.proto.v1.ListGroupsRequest;
import io.lograft.proto.v1.ListGroupsResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What an operator does with consumer groups. Finds their coordinators by itself; a call that fails for a passing reason
 * is tried again for the request time-out.
 *
 * <pre>{@code
 * Groups groups = cluster.admin().groups();
 * groups.describe("billing").partitions().forEach(System.out::println);
 * List<OffsetMove> moves = groups.plan("billing", OffsetTarget.earliest(), groups.committed("billing").keySet());
 * groups.alter("billing", Map.of(moves.get(0).topicPartition(), moves.get(0).after()));
 * }</pre>
 *
 * <p>May be used by many threads at once; has no state and is not closed. The blocking methods throw {@link
 * LograftException}; the futures of the others fail with it.
 */
public final class Groups {
    /** A partition without a leader is not waited for longer than this; its numbers are left out then. */
    private static final long OFFSETS_MS_MAX = 5_000;

    /** The generation in commits that are no member's. */
    private static final int FROM_OUTSIDE = -1;

    private final Session session;
    private final long timeoutMs;

    /** For {@code Admin}, which hands it out. */
    public Groups(Session session, Duration timeout) {
        this.session = session;
        this.timeoutMs = timeout.toMillis();
    }

    /**
     * All groups, in order of their ids. One whose coordinator changes at this moment may be missing.
     */
    public List<GroupListing> list() {
        return join(listAsync());
    }

    /** The same without waiting. */
    public CompletableFuture<List<GroupListing>> listAsync() {
        Calls.Question<ListGroupsRequest, ListGroupsResponse> question = new Calls.Question<>(
                GroupServiceGrpc.getListGroupsMethod(), ListGroupsRequest.getDefaultInstance(), answer -> null);
        return session.groups().everyBroker(question, timeoutMs).thenApply(reply -> {
            Map<String, GroupListing> groups = new TreeMap<>();
            answer(reply)
                    .forEach((broker, answer) -> answer.getGroupsList()
                            .forEach(group -> groups.put(group.getGroupId(), GroupReplies.listing(broker, group))));
            return List.copyOf(groups.values());
        });
    }

    /** A group, its members, and how far it is behind. Throws with UNKNOWN_GROUP where there is none of this id. */
    public GroupDescription describe(String groupId) {
        return join(describeAsync(groupId));
    }

    /** The same without waiting. */
    public CompletableFuture<GroupDescription> describeAsync(String groupId) {
        Calls.Question<DescribeGroupsRequest, DescribeGroupsResponse> question = new Calls.Question<>(
                GroupServiceGrpc.getDescribeGroupsMethod(),
                DescribeGroupsRequest.newBuilder().addGroupIds(groupId).build(),
                answer -> GroupReplies.refusal(answer.getGroupsList()));
        CompletableFuture<io.lograft.proto.v1.GroupDescription> described = session.groups()
                .coordinator(groupId, question, timeoutMs)
                .thenApply(reply -> answer(reply).getGroups(0));
        CompletableFuture<Map<TopicPartition, Long>> committed = committedAsync(groupId);
        CompletableFuture<ClusterView> view = view();
        return CompletableFuture.allOf(described, committed, view)
                .thenCompose(all ->
                        measured(described.join(), GroupProgress.of(described.join(), committed.join(), view.join())));
    }

    private CompletableFuture<GroupDescription> measured(
            io.lograft.proto.v1.GroupDescription group, GroupProgress progress) {
        Map<TopicPartition, OffsetLookup.Question> ends = new HashMap<>();
        progress.partitions().forEach(partition -> ends.put(partition, new OffsetLookup.Latest()));
        long offsetsMs = Math.min(timeoutMs, OFFSETS_MS_MAX);
        return session.offsets().askEach(ends, offsetsMs).thenCompose(latest -> {
            Map<TopicPartition, OffsetLookup.Question> ages = new HashMap<>();
            progress.behind(latest.found())
                    .forEach((partition, offset) -> ages.put(partition, new OffsetLookup.AgeOf(offset)));
            return session.offsets()
                    .askEach(ages, offsetsMs)
                    .thenApply(age -> GroupReplies.description(group, progress, latest.found(), age.found()));
        });
    }

    /** What a group has committed, in topics that exist; nothing where there is no such group. */
    public Map<TopicPartition, Long> committed(String groupId) {
        return join(committedAsync(groupId));
    }

    /** The same without waiting. */
    public CompletableFuture<Map<TopicPartition, Long>> committedAsync(String groupId) {
        Calls.Question<FetchOffsetsRequest, FetchOffsetsResponse> question = new Calls.Question<>(
                GroupServiceGrpc.getFetchOffsetsMethod(),
                FetchOffsetsRequest.newBuilder().setGroupId(groupId).build(),
                answer -> null);
        return session.groups()
                .coordinator(groupId, question, timeoutMs)
                .thenApply(Groups::answer)
                .thenCombine(view(), GroupReplies::committed);
    }

    /**
     * Works out what a target means in partitions, without changing anything. Targets outside a log are brought to its
     * start or its end. Throws with UNKNOWN_TOPIC or UNKNOWN_PARTITION for partitions that do not exist.
     */
    public List<OffsetMove> plan(String groupId, OffsetTarget target, Collection<TopicPartition> partitions) {
        return join(planAsync(groupId, target, partitions));
    }

    /** The same without waiting. */
    public CompletableFuture<List<OffsetMove>> planAsync(
            String groupId, OffsetTarget target, Collection<TopicPartition> partitions) {
        CompletableFuture<Map<TopicPartition, Long>> committed = committedAsync(groupId);
        CompletableFuture<Map<TopicPartition, OffsetLookup.Answer>> starts =
                ask(partitions, new OffsetLookup.Earliest());
        CompletableFuture<Map<TopicPartition, OffsetLookup.Answer>> ends = ask(partitions, new OffsetLookup.Latest());
        CompletableFuture<Map<TopicPartition, OffsetLookup.Answer>> times = target.kind() == OffsetTarget.Kind.TIMESTAMP
                ? ask(partitions, new OffsetLookup.AtOrAfter(target.value()))
                : CompletableFuture.completedFuture(Map.of());
        return CompletableFuture.allOf(committed, starts, ends, times)
                .thenApply(all -> partitions.stream()
                        .distinct()
                        .sorted()
                        .map(partition -> {
                            Long before = committed.join().get(partition);
                            long logStart = starts.join().get(partition).offset();
                            long logEnd = ends.join().get(partition).offset();
                            OffsetLookup.Answer found = times.join().get(partition);
                            long wanted = target.in(
                                    logStart,
                                    logEnd,
                                    before == null ? logStart : before,
                                    found == null ? -1 : found.offset());
                            return OffsetMove.to(partition, before, wanted, logStart, logEnd);
                        })
                        .toList());
    }

    private CompletableFuture<Map<TopicPartition, OffsetLookup.Answer>> ask(
            Collection<TopicPartition> partitions, OffsetLookup.Question question) {
        Map<TopicPartition, OffsetLookup.Question> questions = new HashMap<>();
        partitions.forEach(partition -> questions.put(partition, question));
        return view().thenCompose(view -> {
            partitions.forEach(partition -> GroupProgress.topic(view, partition));
            return session.offsets().ask(questions, timeoutMs).thenApply(Groups::answer);
        });
    }

    /**
     * Sets what a group has committed, in these partitions; the group is made where it does not exist. Throws with
     * GROUP_NOT_EMPTY while the group has members.
     */
    public void alter(String groupId, Map<TopicPartition, Long> offsets) {
        join(alterAsync(groupId, offsets));
    }

    /** The same without waiting. */
    public CompletableFuture<Void> alterAsync(String groupId, Map<TopicPartition, Long> offsets) {
        List<TopicPartition> partitions = offsets.keySet().stream().sorted().toList();
        return view().thenCompose(view -> {
                    CommitOffsetsRequest.Builder request = CommitOffsetsRequest.newBuilder()
                            .setGroupId(groupId)
                            .setGenerationId(FROM_OUTSIDE);
                    partitions.forEach(partition -> request.addOffsets(GroupReplies.commit(
                            GroupProgress.topic(view, partition).id(), partition, offsets.get(partition))));
                    Calls.Question<CommitOffsetsRequest, CommitOffsetsResponse> question = new Calls.Question<>(
                            GroupServiceGrpc.getCommitOffsetsMethod(),
                            request.build(),
                            answer -> GroupReplies.refusal(partitions, answer));
                    return session.groups().coordinator(groupId, question, timeoutMs);
                })
                .thenApply(Groups::answer)
                .thenApply(answer -> null);
    }

    /**
     * Deletes a group with its offsets. Throws with GROUP_NOT_EMPTY while it has members, with UNKNOWN_GROUP where there is
     * none; after a lost answer that, too, may mean that it is deleted.
     */
    public void delete(String groupId) {
        join(deleteAsync(groupId));
    }

    /** The same without waiting. */
    public CompletableFuture<Void> deleteAsync(String groupId) {
        Calls.Question<DeleteGroupsRequest, DeleteGroupsResponse> question = new Calls.Question<>(
                GroupServiceGrpc.getDeleteGroupsMethod(),
                DeleteGroupsRequest.newBuilder().addGroupIds(groupId).build(),
                answer -> GroupReplies.refusal(answer.getResultsList()));
        return session.groups()
                .coordinator(groupId, question, timeoutMs)
                .thenApply(Groups::answer)
                .thenApply(answer -> null);
    }

    private CompletableFuture<ClusterView> view() {
        return session.metadata().await(view -> !view.isEmpty(), timeoutMs).thenApply(Groups::answer);
    }

    private static <R> R answer(Calls.Reply<R> reply) {
        if (reply.failure() != null) {
            throw new LograftException(reply.failure().code(), reply.failure().message());
        }
        return reply.answer();
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LograftException failure) {
                throw new LograftException(failure.code(), failure.reason(), failure);
            }
            throw e;
        }
    }
}
