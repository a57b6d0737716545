package io.lograft.client.fake;

import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.ConsumerHeartbeatResponse;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.TopicPartitions;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The one group of a {@link FakeCluster}, whatever its name, whose partitions are dealt to the members in turn. A
 * partition is given to its new member only when the old one names it no more. All state is guarded by the cluster's lock.
 */
public final class FakeGroups {
    private static final int INTERVAL_MS = 400;

    private final FakeCluster cluster;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<PartitionId, CommittedOffset> offsets = new TreeMap<>();
    private final List<CommitOffsetsRequest> commits = new ArrayList<>();
    private int epoch;
    private int coordinator = 1;
    private int heartbeats;
    private ErrorCode nextCommitRefusal = ErrorCode.NONE;
    private boolean isNextCommitAnswerLost;
    private ErrorCode joinRefusal = ErrorCode.NONE;
    private ErrorCode fetchRefusal = ErrorCode.NONE;
    private int fetches;

    /** A member. */
    private static final class Member {
        private final Set<PartitionId> held = new TreeSet<>();
        private final Set<PartitionId> target = new TreeSet<>();
        private Set<PartitionId> owned = Set.of();
        private int epoch;
        private ConsumerHeartbeatRequest request;
        private StreamObserver<ConsumerHeartbeatResponse> waiting;
    }

    FakeGroups(FakeCluster cluster) {
        this.cluster = cluster;
    }

    int coordinator() {
        synchronized (cluster) {
            return coordinator;
        }
    }

    /** Another broker takes over, with all members and offsets; heartbeats that wait are refused. */
    public void moveCoordinator(int broker) {
        synchronized (cluster) {
            coordinator = broker;
            for (Member member : members.values()) {
                refuse(member, ErrorCode.NOT_COORDINATOR);
            }
        }
    }

    /** Forgets all members, as after their sessions are over. */
    public void expelAll() {
        synchronized (cluster) {
            members.values().forEach(member -> refuse(member, ErrorCode.UNKNOWN_MEMBER));
            members.clear();
        }
    }

    /** The next commit is refused as a whole. */
    public void refuseNextCommit(ErrorCode code) {
        synchronized (cluster) {
            nextCommitRefusal = code;
        }
    }

    /** The next commit is taken, but its answer gets lost. */
    public void loseNextCommitAnswer() {
        synchronized (cluster) {
            isNextCommitAnswerLost = true;
        }
    }

    /** From now on nobody gets in. */
    public void refuseToJoin(ErrorCode code) {
        synchronized (cluster) {
            joinRefusal = code;
        }
    }

    /** From now on nobody hears of offsets. */
    public void refuseToFetch(ErrorCode code) {
        synchronized (cluster) {
            fetchRefusal = code;
        }
    }

    public int fetchCount() {
        synchronized (cluster) {
            return fetches;
        }
    }

    public int memberCount() {
        synchronized (cluster) {
            return members.size();
        }
    }

    public int heartbeatCount() {
        synchronized (cluster) {
            return heartbeats;
        }
    }

    /** All commits that came in. */
    public List<CommitOffsetsRequest> commits() {
        synchronized (cluster) {
            return List.copyOf(commits);
        }
    }

    /** Partitions that members read or have not given up; one that two name is in it twice. */
    public List<PartitionId> owned() {
        synchronized (cluster) {
            return members.values().stream().flatMap(m -> m.owned.stream()).toList();
        }
    }

    /** The committed offset, -1 for none. */
    public long committed(TopicPartition partition) {
        synchronized (cluster) {
            CommittedOffset found =
                    offsets.get(new PartitionId(cluster.topics.get(partition.topic()).id, partition.partition()));
            return found == null ? -1 : found.getOffset();
        }
    }

    void topicsChanged() {
        deal();
    }

    void heartbeat(ConsumerHeartbeatRequest request, StreamObserver<ConsumerHeartbeatResponse> out) {
        synchronized (cluster) {
            heartbeats++;
            if (request.getMemberEpoch() < 0) {
                leave(request, out);
                return;
            }
            Member member = members.get(request.getMemberId());
            if (request.getMemberEpoch() == 0) {
                if (joinRefusal != ErrorCode.NONE) {
                    out.onError(GrpcErrors.exception(joinRefusal, "nobody gets in"));
                    return;
                }
                member = new Member();
                members.put(request.getMemberId(), member);
            } else if (member == null) {
                out.onError(GrpcErrors.exception(ErrorCode.UNKNOWN_MEMBER, "no such member"));
                return;
            }
            boolean isNewSubscription = member.request == null
                    || !member.request.getTopicsList().equals(request.getTopicsList())
                    || !member.request.getTopicPattern().equals(request.getTopicPattern());
            answer(member);
            member.request = request;
            member.owned = partitions(request.getOwnedList());
            member.waiting = out;
            Set<PartitionId> owned = member.owned;
            Set<PartitionId> target = member.target;
            member.held.removeIf(partition -> !owned.contains(partition) && !target.contains(partition));
            if (isNewSubscription) {
                deal();
            }
            grantAndAnswer();
            Member answered = member;
            if (member.waiting != null) {
                CompletableFuture.delayedExecutor(request.getMaxWaitMs(), TimeUnit.MILLISECONDS)
                        .execute(() -> timeOut(answered, out));
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // It is this very call that has waited long enough.
    private void timeOut(Member member, StreamObserver<ConsumerHeartbeatResponse> out) {
        synchronized (cluster) {
            if (member.waiting == out) {
                answer(member);
            }
        }
    }

    private void leave(ConsumerHeartbeatRequest request, StreamObserver<ConsumerHeartbeatResponse> out) {
        Member member = members.remove(request.getMemberId());
        if (member != null) {
            answer(member);
            deal();
        }
        out.onNext(ConsumerHeartbeatResponse.newBuilder()
                .setMemberEpoch(request.getMemberEpoch())
                .build());
        out.onCompleted();
    }

    /** Gives each partition to one of the members that subscribe to its topic. */
    private void deal() {
        epoch++;
        members.values().forEach(member -> member.target.clear());
        cluster.topics.forEach((name, topic) -> {
            List<Member> readers =
                    members.values().stream().filter(m -> isSubscribed(m, name)).toList();
            for (int i = 0; i < topic.partitions.size() && !readers.isEmpty(); i++) {
                readers.get(i % readers.size()).target.add(new PartitionId(topic.id, i));
            }
        });
        grantAndAnswer();
    }

    private static boolean isSubscribed(Member member, String topic) {
        String pattern = member.request.getTopicPattern();
        return member.request.getTopicsList().contains(topic) || (!pattern.isEmpty() && topic.matches(pattern));
    }

    private void grantAndAnswer() {
        for (Member member : members.values()) {
            for (PartitionId partition : member.target) {
                if (members.values().stream().noneMatch(m -> m.held.contains(partition))) {
                    member.held.add(partition);
                }
            }
            boolean isNew = member.request.getMemberEpoch() != epoch || !member.owned.equals(assignment(member));
            if (isNew || member.request.getMaxWaitMs() == 0) {
                answer(member);
            }
        }
    }

    private static Set<PartitionId> assignment(Member member) {
        Set<PartitionId> assignment = new TreeSet<>(member.held);
        assignment.retainAll(member.target);
        return assignment;
    }

    private void answer(Member member) {
        if (member.waiting == null) {
            return;
        }
        member.epoch = epoch;
        ConsumerHeartbeatResponse.Builder answer =
                ConsumerHeartbeatResponse.newBuilder().setMemberEpoch(epoch).setHeartbeatIntervalMs(INTERVAL_MS);
        Map<TopicId, TopicPartitions.Builder> topics = new TreeMap<>();
        for (PartitionId partition : assignment(member)) {
            topics.computeIfAbsent(
                            partition.topic(),
                            id -> TopicPartitions.newBuilder().setTopicId(WireBytes.topicId(id)))
                    .addPartitions(partition.partition());
        }
        topics.values().forEach(answer::addAssignment);
        StreamObserver<ConsumerHeartbeatResponse> out = member.waiting;
        member.waiting = null;
        out.onNext(answer.build());
        out.onCompleted();
    }

    private static void refuse(Member member, ErrorCode code) {
        if (member.waiting != null) {
            member.waiting.onError(GrpcErrors.exception(code, "refused by the test"));
            member.waiting = null;
        }
    }

    private static Set<PartitionId> partitions(List<TopicPartitions> topics) {
        Set<PartitionId> partitions = new HashSet<>();
        for (TopicPartitions topic : topics) {
            TopicId id = WireBytes.topicId(topic.getTopicId());
            topic.getPartitionsList().forEach(number -> partitions.add(new PartitionId(id, number)));
        }
        return partitions;
    }

    void commit(CommitOffsetsRequest request, StreamObserver<CommitOffsetsResponse> out) {
        synchronized (cluster) {
            commits.add(request);
            ErrorCode refusal = nextCommitRefusal != ErrorCode.NONE ? nextCommitRefusal : refusal(request);
            nextCommitRefusal = ErrorCode.NONE;
            if (refusal != ErrorCode.NONE) {
                out.onError(GrpcErrors.exception(refusal, "this commit is refused"));
                return;
            }
            CommitOffsetsResponse.Builder answer = CommitOffsetsResponse.newBuilder();
            request.getOffsetsList().forEach(offset -> {
                offsets.put(new PartitionId(WireBytes.topicId(offset.getTopicId()), offset.getPartition()), offset);
                answer.addResults(offset);
            });
            if (isNextCommitAnswerLost) {
                isNextCommitAnswerLost = false;
                out.onError(GrpcErrors.exception(ErrorCode.UNAVAILABLE, "the answer got lost"));
                return;
            }
            out.onNext(answer.build());
            out.onCompleted();
        }
    }

    private ErrorCode refusal(CommitOffsetsRequest request) {
        Member member = members.get(request.getMemberId());
        if (request.getMemberId().isEmpty()) {
            return members.isEmpty() ? ErrorCode.NONE : ErrorCode.GROUP_NOT_EMPTY;
        }
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER;
        }
        return request.getGenerationId() == member.epoch ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    }

    void fetch(FetchOffsetsRequest request, StreamObserver<FetchOffsetsResponse> out) {
        synchronized (cluster) {
            fetches++;
            if (fetchRefusal != ErrorCode.NONE) {
                out.onError(GrpcErrors.exception(fetchRefusal, "no offsets now"));
                return;
            }
            out.onNext(FetchOffsetsResponse.newBuilder()
                    .addAllOffsets(offsets.values())
                    .build());
            out.onCompleted();
        }
    }
}
