package io.lograft.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
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
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of("flush.mode", "os"), List.of()));
        assertRefused(ErrorCode.INVALID_CONFIG, alter("orders", Map.of(), List.of("min.insync.replicas")));
        assertThat(configs()).containsExactly(Map.entry("retention.ms", "1000"), Map.entry("segment.ms", "50"));
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
