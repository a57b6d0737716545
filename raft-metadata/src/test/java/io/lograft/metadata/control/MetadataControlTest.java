package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Topics, producer ids, preferred leaders, and the forming of a cluster. */
final class MetadataControlTest {
    private static final TopicId ID = new TopicId(1, 1);

    private final MetadataWorld world = MetadataWorld.withBrokers(3);

    @Test
    void nothingButFormingIsDoneBeforeTheClusterIsFormed() {
        MetadataWorld empty = new MetadataWorld();
        assertThat(empty.submit(new MetadataCommand.NoOp()).isOk()).isTrue();
        assertThat(empty.submit(create("orders", 1, 1, Map.of())).error()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(empty.submit(new MetadataCommand.FormCluster("", 1)).error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(empty.submit(new MetadataCommand.FormCluster("a", 1)).isOk()).isTrue();
        assertThat(empty.image().clusterId()).isEqualTo("a");
        assertThat(empty.image().metadataVersion()).isEqualTo(1);
    }

    @Test
    void aClusterKeepsItsId() {
        assertThat(world.submit(new MetadataCommand.FormCluster("test-cluster", 1))
                        .isOk())
                .isTrue();
        CommandReply other = world.submit(new MetadataCommand.FormCluster("other", 1));
        assertThat(other.error()).isEqualTo(ErrorCode.CLUSTER_ID_MISMATCH);
        assertThat(other.message()).contains("test-cluster").contains("other");
    }

    @Test
    void aTopicStartsWithEverybodyInSync() {
        CommandReply reply = world.submit(create("orders", 6, 3, Map.of("retention.ms", "1000")));
        assertThat(reply.result()).isEqualTo(new CommandReply.TopicOutcome(ID, 6, 3));
        TopicImage topic = world.topic("orders").orElseThrow();
        assertThat(topic.partitions()).hasSize(6);
        assertThat(topic.configs()).containsExactly(Map.entry("retention.ms", "1000"));
        assertThat(topic.minInsyncReplicas()).isEqualTo(2);
        assertThat(topic.flushMode()).isEqualTo(FlushMode.COMMIT);
        for (PartitionImage partition : topic.partitions()) {
            assertThat(partition.isr()).isEqualTo(partition.replicaIds());
            assertThat(partition.isLedBy(partition.replicaIds().get(0))).isTrue();
            assertThat(partition.leaderEpoch()).isZero();
            assertThat(partition.partitionEpoch()).isZero();
        }
    }

    @Test
    void theTwoFixedSettingsStandByThemselves() {
        world.submit(create("orders", 1, 3, Map.of("min.insync.replicas", "3", "flush.mode", "os")));
        TopicImage topic = world.topic("orders").orElseThrow();
        assertThat(topic.minInsyncReplicas()).isEqualTo(3);
        assertThat(topic.flushMode()).isEqualTo(FlushMode.OS);
        assertThat(topic.configs()).isEmpty();
    }

    @Test
    void whatIsLeftOpenComesFromTheDefaults() {
        world.submit(create("orders", 0, 0, Map.of()));
        assertThat(world.topic("orders").orElseThrow().partitions()).hasSize(1);
        assertThat(world.topic("orders").orElseThrow().replicationFactor()).isEqualTo(3);
    }

    @Test
    void theDefaultReplicationFactorIsNoMoreThanThereAreLiveBrokers() {
        world.fence(2, 3);
        world.submit(create("orders", 1, 0, Map.of()));
        assertThat(world.topic("orders").orElseThrow().replicationFactor()).isEqualTo(1);
        assertThat(world.topic("orders").orElseThrow().minimum(world.partition(new PartitionId(ID, 0))))
                .isEqualTo(1);
    }

    @Test
    void refusesCountsThatCannotBe() {
        assertRefused(ErrorCode.INVALID_PARTITION_COUNT, create("orders", -1, 1, Map.of()));
        assertRefused(ErrorCode.INVALID_PARTITION_COUNT, create("orders", 10_001, 1, Map.of()));
        assertRefused(ErrorCode.INVALID_REPLICATION_FACTOR, create("orders", 1, -1, Map.of()));
        assertRefused(ErrorCode.INVALID_REPLICATION_FACTOR, create("orders", 1, 4, Map.of()));
        world.fence(1, 2, 3);
        assertRefused(ErrorCode.INVALID_REPLICATION_FACTOR, create("orders", 1, 0, Map.of()));
    }

    @Test
    void refusesNamesAndSettings() {
        assertRefused(ErrorCode.INVALID_TOPIC_NAME, create("not a name", 1, 1, Map.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, create("orders", 1, 1, Map.of("flush.mode", "never")));
    }

    @Test
    void aNameIsTakenOnceButTheSameCommandAgainIsNoError() {
        MetadataCommand.CreateTopic command = create("orders", 2, 3, Map.of());
        CommandReply first = world.submit(command);
        assertThat(world.submit(command)).isEqualTo(first);
        assertThat(world.history().getLast()).isEmpty();
        assertRefused(ErrorCode.TOPIC_ALREADY_EXISTS, withId(command, new TopicId(2, 2)));
    }

    @Test
    void validatingChangesNothing() {
        MetadataCommand.CreateTopic command = create("orders", 2, 3, Map.of());
        CommandReply reply = world.submit(new MetadataCommand.CreateTopic(
                ID, "orders", 2, 3, command.configs(), command.defaults(), 0, false, true));
        assertThat(reply.result()).isEqualTo(new CommandReply.TopicOutcome(ID, 2, 3));
        assertThat(world.topic("orders")).isEmpty();
    }

    @Test
    void aDeletedTopicIsGoneAndOneMadeAnewSharesNothing() {
        world.submit(create("orders", 2, 3, Map.of()));
        assertRefused(
                ErrorCode.UNKNOWN_TOPIC, new MetadataCommand.DeleteTopic("orders", Optional.of(new TopicId(9, 9))));
        assertThat(world.submit(new MetadataCommand.DeleteTopic("orders", Optional.of(ID)))
                        .isOk())
                .isTrue();
        assertThat(world.topic("orders")).isEmpty();
        assertThat(world.image().partition(new PartitionId(ID, 0))).isEmpty();
        assertRefused(ErrorCode.UNKNOWN_TOPIC, new MetadataCommand.DeleteTopic("orders", Optional.empty()));
        world.submit(withId(create("orders", 1, 3, Map.of()), new TopicId(2, 2)));
        assertThat(world.topic("orders").orElseThrow().id()).isEqualTo(new TopicId(2, 2));
    }

    @Test
    void addedPartitionsGetReplicasAndTheOldOnesStay() {
        world.submit(create("orders", 2, 3, Map.of()));
        PartitionImage first = world.image().partition(new PartitionId(ID, 0)).orElseThrow();
        CommandReply reply = world.submit(new MetadataCommand.AddPartitions("orders", 5, 7));
        assertThat(reply.result()).isEqualTo(new CommandReply.TopicOutcome(ID, 5, 3));
        assertThat(world.topic("orders").orElseThrow().partitions())
                .hasSize(5)
                .allMatch(partition ->
                        partition.hasLeader() && partition.replicas().size() == 3)
                .startsWith(first);
        assertThat(world.submit(new MetadataCommand.AddPartitions("orders", 5, 8))
                        .result())
                .as("sent again, as the answer was lost")
                .isEqualTo(new CommandReply.TopicOutcome(ID, 5, 3));
    }

    @Test
    void partitionsAreNeitherTakenAwayNorAddedWithoutBrokersForThem() {
        world.submit(create("orders", 2, 3, Map.of()));
        assertRefused(ErrorCode.INVALID_PARTITION_COUNT, new MetadataCommand.AddPartitions("orders", 1, 7));
        assertRefused(ErrorCode.INVALID_PARTITION_COUNT, new MetadataCommand.AddPartitions("orders", 10_001, 7));
        assertRefused(ErrorCode.UNKNOWN_TOPIC, new MetadataCommand.AddPartitions("nothing", 3, 7));
        world.submit(new MetadataCommand.FenceBrokers(List.of(world.ref(1))));
        assertRefused(ErrorCode.INVALID_REPLICATION_FACTOR, new MetadataCommand.AddPartitions("orders", 3, 7));
    }

    @Test
    void theTopicOfConsumerGroupsBelongsToTheBrokers() {
        assertRefused(ErrorCode.INVALID_TOPIC_NAME, create(TopicRules.OFFSETS_TOPIC, 2, 3, Map.of()));
        assertThat(world.submit(new MetadataCommand.CreateTopic(
                                ID,
                                TopicRules.OFFSETS_TOPIC,
                                2,
                                3,
                                new TreeMap<>(Map.of("cleanup.policy", "compact")),
                                TopicDefaults.STANDARD,
                                0,
                                true,
                                false))
                        .isOk())
                .isTrue();
        assertRefused(
                ErrorCode.INVALID_REQUEST, new MetadataCommand.DeleteTopic(TopicRules.OFFSETS_TOPIC, Optional.empty()));
        assertRefused(ErrorCode.INVALID_REQUEST, new MetadataCommand.AddPartitions(TopicRules.OFFSETS_TOPIC, 9, 7));
    }

    @Test
    void blocksOfProducerIdsNeverOverlap() {
        assertThat(allocate(1, 1000)).isEqualTo(new CommandReply.ProducerIdBlock(0, 1000));
        assertThat(allocate(2, 10)).isEqualTo(new CommandReply.ProducerIdBlock(1000, 10));
        assertThat(allocate(1, 1)).isEqualTo(new CommandReply.ProducerIdBlock(1010, 1));
        assertRefused(ErrorCode.INVALID_REQUEST, new MetadataCommand.AllocateProducerIds(world.ref(1), 0));
        assertRefused(ErrorCode.INVALID_REQUEST, new MetadataCommand.AllocateProducerIds(world.ref(1), 100_001));
    }

    @Test
    void leadershipReturnsToThePreferredReplicaAFewAtATime() {
        PartitionId id = world.topic("orders", 9, 3, Map.of());
        world.fence(1);
        world.start(1);
        assertThat(PreferredLeaders.count(world.image())).as("not in sync yet").isZero();
        for (int partition = 0; partition < 9; partition++) {
            world.propose(world.proposal(new PartitionId(id.topic(), partition), 1, 2, 3));
        }
        assertThat(PreferredLeaders.count(world.image())).isEqualTo(3);
        assertThat(world.submit(new MetadataCommand.ElectPreferredLeaders(2)).result())
                .isEqualTo(new CommandReply.PartitionsChanged(2));
        assertThat(PreferredLeaders.count(world.image())).isEqualTo(1);
        world.submit(new MetadataCommand.ElectPreferredLeaders(100));
        for (PartitionImage partition : world.topic("orders").orElseThrow().partitions()) {
            assertThat(partition.isLedBy(partition.replicaIds().get(0))).isTrue();
            assertThat(partition.isr()).containsExactlyInAnyOrderElementsOf(ids(1, 2, 3));
        }
    }

    private CommandReply.Result allocate(int broker, int count) {
        return world.submit(new MetadataCommand.AllocateProducerIds(world.ref(broker), count))
                .result();
    }

    private void assertRefused(ErrorCode code, MetadataCommand command) {
        List<?> before = world.image().toRecords();
        CommandReply reply = world.submit(command);
        assertThat(reply.error()).isEqualTo(code);
        assertThat(reply.message()).isNotEmpty();
        assertThat(world.image().toRecords()).isEqualTo(before);
    }

    private static MetadataCommand.CreateTopic create(
            String name, int partitions, int replicas, Map<String, String> configs) {
        return new MetadataCommand.CreateTopic(
                ID, name, partitions, replicas, new TreeMap<>(configs), TopicDefaults.STANDARD, 0, false, false);
    }

    private static MetadataCommand.CreateTopic withId(MetadataCommand.CreateTopic command, TopicId id) {
        return new MetadataCommand.CreateTopic(
                id,
                command.name(),
                command.partitionCount(),
                command.replicationFactor(),
                command.configs(),
                command.defaults(),
                0,
                false,
                false);
    }
}
