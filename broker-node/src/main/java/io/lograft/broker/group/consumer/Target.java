package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.broker.group.assign.Assignor;
import io.lograft.broker.group.assign.AssignorInput;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What each member shall have in the end. No two members have the same partition. It is computed from what members hold
 * at that time, so that another coordinator comes to a target that moves as little. Immutable.
 */
final class Target {
    static final Target NONE = new Target(Interest.NONE, Assignor.ALL.getFirst(), new TreeMap<>());

    private final Interest interest;
    private final Assignor assignor;
    private final SortedMap<String, SortedSet<PartitionId>> byMember;

    private Target(Interest interest, Assignor assignor, SortedMap<String, SortedSet<PartitionId>> byMember) {
        this.interest = interest;
        this.assignor = assignor;
        this.byMember = byMember;
    }

    static Target of(Collection<ConsumerMemberState> members, TopicCatalog catalog) {
        Interest interest = Interest.of(members, catalog);
        SortedMap<String, AssignorInput.Member> inputs = new TreeMap<>();
        for (ConsumerMemberState member : members) {
            String id = member.identity().memberId();
            SortedSet<PartitionId> held = member.holdings().assigned().stream()
                    .map(HeldPartition::partition)
                    .collect(Collectors.toCollection(TreeSet::new));
            inputs.put(
                    id,
                    new AssignorInput.Member(
                            member.identity().instanceId(), interest.topics().get(id), held));
        }
        Assignor assignor = wantedByMost(members);
        return new Target(interest, assignor, assignor.assign(new AssignorInput(inputs, interest.partitionCounts())));
    }

    /** The first of all where several are wanted by equally many. */
    private static Assignor wantedByMost(Collection<ConsumerMemberState> members) {
        return Assignor.ALL.stream()
                .max(Comparator.comparingLong((Assignor assignor) -> members.stream()
                                .filter(member -> Assignor.named(
                                                member.subscription().assignor())
                                        .filter(assignor::equals)
                                        .isPresent())
                                .count())
                        .thenComparingInt(assignor -> -Assignor.ALL.indexOf(assignor)))
                .orElseThrow();
    }

    /** A static member goes on under another id. */
    Target renamed(String formerId, String memberId) {
        SortedMap<String, SortedSet<TopicId>> topics = new TreeMap<>(interest.topics());
        topics.put(memberId, topics.remove(formerId));
        SortedMap<String, SortedSet<PartitionId>> renamed = new TreeMap<>(byMember);
        renamed.put(memberId, renamed.remove(formerId));
        return new Target(new Interest(topics, interest.partitionCounts()), assignor, renamed);
    }

    /** The topics are others now, for these members. */
    boolean isOutdated(Collection<ConsumerMemberState> members, TopicCatalog catalog) {
        return !interest.equals(Interest.of(members, catalog));
    }

    String assignorName() {
        return assignor.name();
    }

    SortedSet<PartitionId> of(String memberId) {
        return byMember.getOrDefault(memberId, Collections.emptySortedSet());
    }
}
