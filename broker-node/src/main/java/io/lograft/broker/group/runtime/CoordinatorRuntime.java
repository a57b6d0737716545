package io.lograft.broker.group.runtime;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * All group coordinators of this broker: one shard for each partition of {@code __consumer_offsets} of which it has a
 * replica, awake where it leads. Safe for use by several threads.
 */
public final class CoordinatorRuntime implements PartitionRegistry.Watcher {
    /** Name of the internal topic that holds the groups. */
    public static final String OFFSETS_TOPIC = TopicRules.OFFSETS_TOPIC;

    private static final long LIST_WITHIN_MS = 5_000;

    /** A shard with the loop that it runs on and the replica that holds its groups. */
    private record Hosted(CoordinatorShard shard, EventLoop loop, PartitionRuntime partition) {}

    private final EventLoopGroup loops;
    private final Supplier<ClusterImage> image;
    private final GroupSettings settings;
    private final GroupShard.GroupFactory factory;
    private final Map<PartitionId, Hosted> shards = new ConcurrentHashMap<>();

    /** Coordinates on these loops; {@code image} tells the newest metadata here. */
    public CoordinatorRuntime(
            EventLoopGroup loops,
            Supplier<ClusterImage> image,
            GroupSettings settings,
            GroupShard.GroupFactory factory) {
        this.loops = loops;
        this.image = image;
        this.settings = settings;
        this.factory = factory;
    }

    /** The partition of {@code __consumer_offsets} that a group belongs to, as Kafka reckons it. */
    public static int partitionOf(String groupId, int partitionCount) {
        return (groupId.hashCode() & Integer.MAX_VALUE) % partitionCount;
    }

    @Override
    public void added(PartitionRuntime partition) {
        if (partition.topicPartition().topic().equals(OFFSETS_TOPIC)) {
            EventLoop loop = loops.loopFor(partition.id().partition());
            CoordinatorShard shard =
                    new CoordinatorShard(GroupPartition.of(partition), GroupLoop.of(loop), this::newCore);
            shards.put(partition.id(), new Hosted(shard, loop, partition));
            partition.watch(shard::viewChanged);
            shard.viewChanged();
        }
    }

    private GroupShard newCore() {
        return new GroupShard(
                settings,
                factory,
                new ImageCatalog(image.get()),
                clientId -> (clientId.isEmpty() ? "member" : clientId) + "-" + UUID.randomUUID());
    }

    @Override
    public void removed(PartitionRuntime partition) {
        Hosted hosted = shards.get(partition.id());
        if (hosted != null && hosted.partition() == partition) {
            shards.remove(partition.id(), hosted);
            hosted.loop().execute(hosted.shard()::close);
        }
    }

    /** The metadata changed: groups hear of topics and partitions that came or went. Metadata loop. */
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        if (shards.isEmpty() || (records.isPresent() && !concernsTopics(before, now, records.get()))) {
            return;
        }
        TopicCatalog catalog = new ImageCatalog(now);
        shards.values()
                .forEach(hosted -> hosted.loop().execute(() -> hosted.shard().topicsChanged(catalog)));
    }

    private static boolean concernsTopics(ClusterImage before, ClusterImage now, List<MetadataRecord> records) {
        for (MetadataRecord record : records) {
            boolean concerns = switch (record) {
                case MetadataRecord.TopicRecord topic -> true;
                case MetadataRecord.RemoveTopicRecord removed -> true;
                case MetadataRecord.PartitionRecord partition ->
                    partitionCount(before, partition) != partitionCount(now, partition);
                default -> false;
            };
            if (concerns) {
                return true;
            }
        }
        return false;
    }

    private static int partitionCount(ClusterImage image, MetadataRecord.PartitionRecord partition) {
        return image.topic(partition.id().topic())
                .map(topic -> topic.partitions().size())
                .orElse(0);
    }

    /**
     * Decides about a request of a group that is coordinated here, or refuses it.
     *
     * @param gone completes when the connection by which the request came is gone
     */
    public CompletableFuture<GroupReply> handle(GroupRequest request, CompletableFuture<Void> gone) {
        return send(request, (shard, reply, ignoredEpoch) -> shard.handle(request, gone, reply::complete));
    }

    /**
     * As {@link #handle}, for a question: the answer is not of an earlier leadership than the metadata here name now.
     */
    public CompletableFuture<GroupReply> handleAsOfNow(GroupRequest request, CompletableFuture<Void> gone) {
        return send(request, (shard, reply, epoch) -> shard.handleAsOf(epoch, request, gone, reply::complete));
    }

    private interface Delivery {
        void to(CoordinatorShard shard, CompletableFuture<GroupReply> reply, int leaderEpoch);
    }

    private CompletableFuture<GroupReply> send(GroupRequest request, Delivery delivery) {
        CompletableFuture<GroupReply> reply = new CompletableFuture<>();
        Optional<TopicImage> topic = image.get().topic(OFFSETS_TOPIC);
        if (topic.isEmpty()) {
            reply.complete(new GroupReply.Refused(
                    ErrorCode.NOT_COORDINATOR, "there is no group yet: ask for the coordinator first"));
            return reply;
        }
        int partition = partitionOf(request.groupId(), topic.get().partitions().size());
        int epoch = topic.get()
                .partition(partition)
                .map(PartitionImage::leaderEpoch)
                .orElse(-1);
        Hosted hosted = shards.get(new PartitionId(topic.get().id(), partition));
        if (hosted == null) {
            reply.complete(new GroupReply.Refused(
                    ErrorCode.NOT_COORDINATOR,
                    "group '" + request.groupId() + "' belongs to " + OFFSETS_TOPIC + "-" + partition
                            + ", of which this broker has no replica"));
        } else if (!hosted.loop().tryExecute(() -> delivery.to(hosted.shard(), reply, epoch))) {
            reply.complete(new GroupReply.Refused(ErrorCode.BUSY, "the loop of the group has too much to do"));
        }
        return reply;
    }

    /**
     * All groups that are coordinated here, by id. Fails with a {@link TimeoutException} where groups are still being
     * loaded after a while, and with a {@link RejectedExecutionException} where a loop has too much to do: a list that
     * silently lacks some would be worse.
     */
    public CompletableFuture<List<GroupDescription>> list() {
        List<CompletableFuture<Collection<GroupDescription>>> parts = new ArrayList<>();
        for (Hosted hosted : shards.values()) {
            CompletableFuture<Collection<GroupDescription>> part = new CompletableFuture<>();
            parts.add(part);
            if (!hosted.loop().tryExecute(() -> hosted.shard().list(part::complete))) {
                part.completeExceptionally(
                        new RejectedExecutionException("the loop of some groups has too much to do"));
            }
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .orTimeout(LIST_WITHIN_MS, TimeUnit.MILLISECONDS)
                .thenApply(done -> parts.stream()
                        .flatMap(part -> part.join().stream())
                        .sorted(Comparator.comparing(GroupDescription::groupId))
                        .toList());
    }
}
