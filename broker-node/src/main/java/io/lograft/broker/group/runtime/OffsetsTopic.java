package io.lograft.broker.group.runtime;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Sees to it that {@code __consumer_offsets} exists: made when the first group asks for its coordinator, with as many
 * replicas as configured where the cluster has that many brokers. While fewer of them are live it is not made: the groups
 * would keep too few replicas for ever. Safe for use by several threads.
 */
public final class OffsetsTopic {
    private final Supplier<ClusterImage> image;
    private final Function<MetadataCommand, CompletableFuture<CommandReply>> controller;
    private final Settings settings;
    private final SecureRandom random = new SecureRandom();

    /**
     * How it is made.
     *
     * @param replicationFactor lowered to the number of brokers that the cluster has
     */
    public record Settings(int partitionCount, int replicationFactor, int segmentBytes, TopicDefaults defaults) {}

    /** {@code controller} takes commands, {@code image} tells the newest metadata here. */
    public OffsetsTopic(
            Supplier<ClusterImage> image,
            Function<MetadataCommand, CompletableFuture<CommandReply>> controller,
            Settings settings) {
        this.image = image;
        this.controller = controller;
        this.settings = settings;
    }

    /** Completes once the topic is there, or with why it is not. */
    public CompletableFuture<CommandReply> ensure() {
        if (image.get().topic(CoordinatorRuntime.OFFSETS_TOPIC).isPresent()) {
            return CompletableFuture.completedFuture(CommandReply.OK);
        }
        int brokerCount = image.get().brokers().size();
        MetadataCommand.CreateTopic command = new MetadataCommand.CreateTopic(
                new TopicId(random.nextLong(), random.nextLong()),
                CoordinatorRuntime.OFFSETS_TOPIC,
                settings.partitionCount(),
                Math.max(1, Math.min(settings.replicationFactor(), brokerCount)),
                new TreeMap<>(Map.of(
                        "cleanup.policy", "compact", "segment.bytes", Integer.toString(settings.segmentBytes()))),
                settings.defaults(),
                random.nextLong(),
                true,
                false);
        // Two brokers may make it at once; for the second one it is there.
        return controller
                .apply(command)
                .thenApply(reply -> reply.error() == ErrorCode.TOPIC_ALREADY_EXISTS ? CommandReply.OK : reply);
    }
}
