package io.lograft.client.group;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.CommitOffsetsResponse;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.GroupSummary;
import io.lograft.proto.v1.MemberDescription;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Messages of the group service as values of the public API. Pure. */
final class GroupReplies {
    private GroupReplies() {}

    static GroupListing listing(int broker, GroupSummary group) {
        return new GroupListing(group.getGroupId(), group.getState(), group.getKind(), group.getMemberCount(), broker);
    }

    /** Why a group was not described or deleted; null for no reason. */
    static Failure refusal(List<io.lograft.proto.v1.GroupDescription> groups) {
        if (groups.isEmpty()) {
            return new Failure(ErrorCode.INTERNAL, "the coordinator answered nothing");
        }
        return groups.get(0).hasFailure() ? failure(groups.get(0).getFailure(), "") : null;
    }

    /** Why offsets were not committed: the first reason, null for none. */
    static Failure refusal(List<TopicPartition> partitions, CommitOffsetsResponse answer) {
        for (int i = 0; i < answer.getResultsCount(); i++) {
            if (answer.getResults(i).hasFailure()) {
                String where = i < partitions.size() ? partitions.get(i) + ": " : "";
                return failure(answer.getResults(i).getFailure(), where);
            }
        }
        return answer.getResultsCount() == partitions.size()
                ? null
                : new Failure(
                        ErrorCode.INTERNAL,
                        "the coordinator answered for " + answer.getResultsCount() + " of " + partitions.size()
                                + " partitions");
    }

    private static Failure failure(io.lograft.proto.v1.Failure failure, String where) {
        return new Failure(ErrorCodes.fromProto(failure.getCode()), where + failure.getMessage());
    }

    static CommittedOffset commit(TopicId topic, TopicPartition partition, long offset) {
        return CommittedOffset.newBuilder()
                .setTopicId(WireBytes.topicId(topic))
                .setPartition(partition.partition())
                .setOffset(offset)
                .setLeaderEpoch(-1)
                .build();
    }

    static Map<TopicPartition, Long> committed(FetchOffsetsResponse answer, ClusterView view) {
        Map<TopicPartition, Long> committed = new TreeMap<>();
        for (CommittedOffset offset : answer.getOffsetsList()) {
            view.topic(WireBytes.topicId(offset.getTopicId()))
                    .ifPresent(topic ->
                            committed.put(new TopicPartition(topic.name(), offset.getPartition()), offset.getOffset()));
        }
        return committed;
    }

    static GroupDescription description(
            io.lograft.proto.v1.GroupDescription group,
            GroupProgress progress,
            Map<TopicPartition, OffsetLookup.Answer> ends,
            Map<TopicPartition, OffsetLookup.Answer> ages) {
        Map<String, List<TopicPartition>> owned = new TreeMap<>();
        progress.owners()
                .forEach((partition, owner) -> owned.computeIfAbsent(owner.memberId(), member -> new ArrayList<>())
                        .add(partition));
        BrokerEndpoint coordinator = group.getCoordinator();
        return new GroupDescription(
                group.getGroupId(),
                group.getState(),
                group.getKind(),
                group.getProtocolName(),
                group.getGenerationId(),
                new GroupDescription.Coordinator(
                        coordinator.getBrokerId(), coordinator.getHost() + ":" + coordinator.getPort()),
                group.getMembersList().stream()
                        .map(member -> member(member, owned.getOrDefault(member.getMemberId(), List.of())))
                        .sorted(Comparator.comparing(GroupDescription.Member::memberId))
                        .toList(),
                progress.partitions().stream()
                        .map(partition -> partition(partition, progress, ends.get(partition), ages.get(partition)))
                        .toList());
    }

    private static GroupDescription.Member member(MemberDescription member, List<TopicPartition> owned) {
        return new GroupDescription.Member(
                member.getMemberId(),
                member.getGroupInstanceId().isEmpty() ? Optional.empty() : Optional.of(member.getGroupInstanceId()),
                member.getClientId(),
                member.getClientHost(),
                member.getMemberEpoch(),
                time(member.getJoinedAtMs()),
                owned);
    }

    private static GroupDescription.Partition partition(
            TopicPartition partition, GroupProgress progress, OffsetLookup.Answer end, OffsetLookup.Answer age) {
        Long committed = progress.committed().get(partition);
        GroupProgress.Owner owner = progress.owners().get(partition);
        boolean isMeasured = committed != null && end != null;
        // An offset beyond the end is left over from records that are gone: nothing is to be read there.
        long lag = isMeasured ? Math.max(0, end.offset() - committed) : 0;
        Optional<Duration> lagTime = Optional.empty();
        if (isMeasured && lag == 0) {
            lagTime = Optional.of(Duration.ZERO);
        } else if (age != null) {
            lagTime = Optional.of(Duration.ofMillis(age.ageMs()));
        }
        return new GroupDescription.Partition(
                partition,
                committed == null ? OptionalLong.empty() : OptionalLong.of(committed),
                end == null ? OptionalLong.empty() : OptionalLong.of(end.offset()),
                isMeasured ? OptionalLong.of(lag) : OptionalLong.empty(),
                lagTime,
                owner == null ? Optional.empty() : Optional.of(owner.memberId()),
                owner == null ? Optional.empty() : time(owner.sinceMs()));
    }

    private static Optional<Instant> time(long timeMs) {
        return timeMs <= 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(timeMs));
    }
}
