package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a member tells when it joins a group.
 *
 * <pre>{@code
 * MemberSubscription subscription = MemberSubscription.of("orders", "payments")
 *         .withOwned(List.of(new TopicPartition("orders", 2)), 7);
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param topics names; topics that do not exist count for nothing
 * @param owned what the member has from an earlier generation, and wants to keep
 * @param generation of which the owned partitions are; empty where the member did not tell
 * @param instanceId of a static member
 */
public record MemberSubscription(
        Set<String> topics, List<TopicPartition> owned, Optional<Integer> generation, Optional<String> instanceId) {

    public MemberSubscription {
        topics = Set.copyOf(topics);
        owned = List.copyOf(owned);
    }

    /** A new, dynamic member's. */
    public static MemberSubscription of(String... topics) {
        return new MemberSubscription(Set.of(topics), List.of(), Optional.empty(), Optional.empty());
    }

    /** The same with partitions of an earlier generation. */
    public MemberSubscription withOwned(List<TopicPartition> partitions, int ofGeneration) {
        return new MemberSubscription(topics, partitions, Optional.of(ofGeneration), instanceId);
    }

    /** The same of a static member. */
    public MemberSubscription withInstanceId(String id) {
        return new MemberSubscription(topics, owned, generation, Optional.of(id));
    }
}
