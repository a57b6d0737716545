package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Changes of a topic's settings. */
final class TopicSettingsTest {
    private static final TopicId ID = new TopicId(1, 1);
    private static final PartitionId FIRST = new PartitionId(ID, 0);

    private final MetadataWorld world = MetadataWorld.withBrokers(3);

    TopicSettingsTest() {
        create("orders", Map.of("retention.ms", "1000", "segment.ms", "50"), false);
    }

    private void create(String name, Map<String, String> configs, boolean isInternal) {
        assertThat(world.submit(new MetadataCommand.CreateTopic(
                                isInternal ? new TopicId(2, 2) : ID,
                                name,
                                2,
                                3,
                                new TreeMap<>(configs),
                                TopicDefaults.STANDARD,
                                0,
                                isInternal,
                                false))
                        .isOk())
                .isTrue();
    }

    private CommandReply alter(String name, Map<String, String> set, List<String> remove) {
        return world.submit(new MetadataCommand.AlterTopic(name, new TreeMap<>(set), new TreeSet<>(remove), false));
    }

    private SortedMap<String, String> configs() {
        return world.topic("orders").orElseThrow().configs();
    }

    @Test
    void settingsAreReplacedAddedAndTakenAway() {
        List<PartitionImage> partitions = world.topic("orders").orElseThrow().partitions();
        CommandReply reply =
                alter("orders", Map.of("retention.ms", "7", "retention.bytes", "9"), List.of("segment.ms"));
        assertThat(reply.result()).isEqualTo(new CommandReply.TopicOutcome(ID, 2, 3));
        assertThat(configs()).containsExactly(Map.entry("retention.bytes", "9"), Map.entry("retention.ms", "7"));
        assertThat(world.topic("orders").orElseThrow().partitions())
                .as("no partition changes its epoch for that")
                .isEqualTo(partitions);
    }

    @Test
    void nothingChangesWhereItIsSoAlreadyOrOnlyChecked() {
        long index = world.image().index();
        assertThat(alter("orders", Map.of("retention.ms", "1000"), List.of("retention.bytes"))
                        .isOk())
                .isTrue();
        assertThat(world.submit(new MetadataCommand.AlterTopic(
                                "orders", new TreeMap<>(Map.of("retention.ms", "1")), new TreeSet<>(), true))
                        .isOk())
                .isTrue();
        assertThat(configs().get("retention.ms")).isEqualTo("1000");
        assertThat(world.image().index()).isGreaterThanOrEqualTo(index);
    }

    @Test
    void whatIsUnknownFixedOrContradictoryIsRefusedAsAWhole() {
        assertRefused(ErrorCode.UNKNOWN_TOPIC, alter("nothing", Map.of(), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("retention.mss", "1"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("retention.ms", "soon"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("retention.ms", "1"), List.of("retention.mss")));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("segment.ms", "1"), List.of("segment.ms")));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("flush.mode", "never"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("min.insync.replicas", "0"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of(), List.of("min.insync.replicas")));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of(), List.of("flush.mode")));
        assertThat(configs()).containsExactly(Map.entry("retention.ms", "1000"), Map.entry("segment.ms", "50"));
    }

    @Test
    void theMinimumChangesWithAFreshPartitionEpoch() {
        IsrProposal early = world.proposal(FIRST, 1, 2);
        assertThat(alter("orders", Map.of("min.insync.replicas", "3"), List.of())
                        .isOk())
                .isTrue();
        TopicImage topic = world.topic("orders").orElseThrow();
        assertThat(topic.minInsyncReplicas()).isEqualTo(3);
        assertThat(configs()).doesNotContainKey("min.insync.replicas");
        assertThat(topic.partitions()).allMatch(partition -> partition.partitionEpoch() == 1);
        assertThat(world.propose(early).error())
                .as("computed under the former minimum")
                .isEqualTo(ErrorCode.STALE_PARTITION_EPOCH);
        // More than there are replicas is as many as there are: nothing changes for the partitions.
        alter("orders", Map.of("min.insync.replicas", "9"), List.of());
        assertThat(world.topic("orders").orElseThrow().partitions()).isEqualTo(topic.partitions());
    }

    @Test
    void whoLeftASetThatIsLargeEnoughUnderTheNewMinimumIsNotEligibleAnyMore() {
        world.propose(world.proposal(FIRST, 1));
        assertThat(world.partition(FIRST).eligible()).isEqualTo(ids(2, 3));
        alter("orders", Map.of("min.insync.replicas", "1"), List.of());
        assertThat(world.partition(FIRST).isr()).isEqualTo(ids(1));
        assertThat(world.partition(FIRST).eligible()).isEmpty();
    }

    @Test
    void underAGreaterMinimumOnlyWhoLeavesFromNowOnIsEligible() {
        world.propose(world.proposal(FIRST, 1, 2));
        alter("orders", Map.of("min.insync.replicas", "3"), List.of());
        assertThat(world.partition(FIRST).eligible()).isEmpty();
        world.propose(world.proposal(FIRST, 1));
        assertThat(world.partition(FIRST).eligible()).isEqualTo(ids(2));
    }

    @Test
    void theFlushModeChangesWithoutTouchingPartitions() {
        List<PartitionImage> partitions = world.topic("orders").orElseThrow().partitions();
        assertThat(alter("orders", Map.of("flush.mode", "os"), List.of()).isOk())
                .isTrue();
        assertThat(world.topic("orders").orElseThrow().flushMode()).isEqualTo(FlushMode.OS);
        assertThat(configs()).doesNotContainKey("flush.mode");
        assertThat(world.topic("orders").orElseThrow().partitions()).isEqualTo(partitions);
    }

    @Test
    void theTopicOfConsumerGroupsStaysCompacted() {
        create(TopicRules.OFFSETS_TOPIC, Map.of("cleanup.policy", "compact"), true);
        assertRefused(
                ErrorCode.INVALID_CONFIG,
                alter(TopicRules.OFFSETS_TOPIC, Map.of("cleanup.policy", "delete"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter(TopicRules.OFFSETS_TOPIC, Map.of(), List.of("cleanup.policy")));
        assertThat(alter(TopicRules.OFFSETS_TOPIC, Map.of("segment.bytes", "65536"), List.of())
                        .isOk())
                .isTrue();
    }

    private static void assertRefused(ErrorCode code, CommandReply reply) {
        assertThat(reply.error()).as(reply.message()).isEqualTo(code);
    }
}
