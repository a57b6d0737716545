package io.lograft.client.group;

import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A group with its members and how far it got.
 *
 * <pre>{@code
 * GroupDescription group = admin.groups().describe("billing");
 * long lag = group.partitions().stream().mapToLong(partition -> partition.lag().orElse(0)).sum();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param state as in {@link GroupListing}
 * @param kind as in {@link GroupListing}
 * @param assignor the one in use, empty while there is none
 * @param epoch generation of a classic group, epoch of the other kind
 * @param coordinator the broker that coordinates it
 * @param members in order of their ids
 * @param partitions those with a committed offset or an owner, in order
 */
public record GroupDescription(
        String groupId,
        String state,
        String kind,
        String assignor,
        int epoch,
        Coordinator coordinator,
        List<Member> members,
        List<Partition> partitions) {

    public GroupDescription {
        members = List.copyOf(members);
        partitions = List.copyOf(partitions);
    }

    /**
     * The broker that coordinates a group.
     *
     * <pre>{@code
     * System.out.println(group.coordinator().address());
     * }</pre>
     *
     * @param address as it tells it, {@code host:port}
     */
    public record Coordinator(int brokerId, String address) {}

    /**
     * A member.
     *
     * <pre>{@code
     * group.members().forEach(member -> System.out.println(member.clientId() + " at " + member.host()));
     * }</pre>
     *
     * @param instanceId of a static member
     * @param clientId a name for people, may be empty
     * @param host where it connects from
     * @param joined empty where the coordinator does not know
     * @param partitions what it owns, in order
     */
    public record Member(
            String memberId,
            Optional<String> instanceId,
            String clientId,
            String host,
            int epoch,
            Optional<Instant> joined,
            List<TopicPartition> partitions) {}

    /**
     * How far the group got in a partition. What its leader did not tell in time is empty, too.
     *
     * <pre>{@code
     * boolean isLate = partition.lagTime().map(age -> age.toSeconds() > 60).orElse(false);
     * }</pre>
     *
     * @param committed offset of the next record to process; empty where nothing is committed
     * @param logEnd the high watermark
     * @param lag records between the two
     * @param lagTime how long ago the next record to process was written, by the clock of the leader; zero without a lag
     * @param memberId the owner
     * @param ownedSince empty for members of classic groups
     */
    public record Partition(
            TopicPartition topicPartition,
            OptionalLong committed,
            OptionalLong logEnd,
            OptionalLong lag,
            Optional<Duration> lagTime,
            Optional<String> memberId,
            Optional<Instant> ownedSince) {}
}
