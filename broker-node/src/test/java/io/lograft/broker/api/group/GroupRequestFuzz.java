package io.lograft.broker.api.group;

import io.lograft.broker.api.ClusterState;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.group.classic.ClassicGroup;
import io.lograft.broker.group.consumer.ConsumerGroup;
import io.lograft.broker.group.runtime.CoordinatorRuntime;
import io.lograft.broker.group.runtime.OffsetsTopic;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests of consumer groups, from the bytes to a real coordinator with its log, and back: several calls, each after two
 * bytes with its size. Some wait for other members, whom an input may bring. See {@link FuzzedService}.
 */
public final class GroupRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 4 << 20;

    private GroupRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                FuzzedService service =
                        new FuzzedService(service(broker).service().bindService(), broker::settle);
                broker.settle();
                for (byte[] call : FuzzedService.split(input)) {
                    service.callThatMayWait(call);
                }
                broker.checkLogs();
            }
        });
    }

    private static GroupServiceApi service(FuzzedBroker broker) {
        FuzzedMetadata metadata = new FuzzedMetadata();
        metadata.topic(FuzzedBroker.OFFSETS.topic(), CoordinatorRuntime.OFFSETS_TOPIC, 1);
        metadata.topic(FuzzedBroker.TOPIC, "orders", 3);
        CoordinatorRuntime coordinators = new CoordinatorRuntime(
                broker.loops(), metadata::image, GroupSettings.DEFAULT, GroupRequestFuzz::create);
        broker.registry().find(FuzzedBroker.OFFSETS).ifPresent(coordinators::added);
        return new GroupServiceApi(
                coordinators,
                new OffsetsTopic(
                        metadata::image,
                        metadata::submit,
                        new OffsetsTopic.Settings(1, 1, 1 << 20, TopicDefaults.STANDARD)),
                new State(metadata),
                FuzzedBroker.facts(),
                () -> CompletableFuture.completedFuture(null));
    }

    private static Group create(String groupId, GroupKind kind) {
        return switch (kind) {
            case CLASSIC -> new ClassicGroup(groupId);
            case CONSUMER -> new ConsumerGroup(groupId);
        };
    }

    private record State(FuzzedMetadata metadata) implements ClusterState {
        @Override
        public BrokerId self() {
            return FuzzedBroker.SELF;
        }

        @Override
        public ClusterImage image() {
            return metadata.image();
        }

        @Override
        public Optional<BrokerId> controller() {
            return Optional.of(FuzzedBroker.SELF);
        }

        @Override
        public List<BrokerId> voters() {
            return List.of(FuzzedBroker.SELF);
        }
    }
}
