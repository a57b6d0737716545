package io.lograft.client;

/**
 * Who assigns the partitions of a group. All members of a group use the same.
 *
 * <pre>{@code
 * ConsumerOptions options = ConsumerOptions.builder()
 *         .groupProtocol(GroupProtocol.CLASSIC)
 *         .assignors(List.of(new CooperativeStickyAssignor()))
 *         .build();
 * }</pre>
 */
public enum GroupProtocol {
    /** The coordinator, which moves single partitions while all others are read on. */
    CONSUMER,
    /** One of the members, by {@link ConsumerOptions#assignors}: Kafka's protocol of old. */
    CLASSIC
}
