package io.lograft.broker.app;

import io.lograft.broker.api.ClusterFacts;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.BrokerEndpoint;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/** Answers out of the newest image. Safe for use by several threads. */
final class ImageFacts implements ClusterFacts {
    private final Supplier<ClusterImage> image;

    ImageFacts(Supplier<ClusterImage> image) {
        this.image = image;
    }

    /** Where another broker's gRPC port is, not resolved yet. */
    Optional<InetSocketAddress> address(BrokerId broker) {
        return image.get()
                .broker(broker)
                .map(BrokerImage::address)
                .map(at -> InetSocketAddress.createUnresolved(at.host(), at.port()));
    }

    @Override
    public Optional<BrokerEndpoint> endpoint(BrokerId broker) {
        return image.get().broker(broker).map(known -> {
            BrokerAddress at = known.address();
            return BrokerEndpoint.newBuilder()
                    .setBrokerId(broker.value())
                    .setHost(at.host())
                    .setPort(at.port())
                    .build();
        });
    }

    @Override
    public Absence absence(PartitionId id) {
        Optional<TopicImage> topic = image.get().topic(id.topic());
        if (topic.isEmpty()) {
            return new Absence(ErrorCode.UNKNOWN_TOPIC, "no topic has the id " + id.topic(), Optional.empty(), -1);
        }
        Optional<PartitionImage> partition = topic.get().partition(id.partition());
        if (partition.isEmpty()) {
            return new Absence(
                    ErrorCode.UNKNOWN_PARTITION,
                    "topic " + topic.get().name() + " has partitions 0 to "
                            + (topic.get().partitions().size() - 1) + ", not " + id.partition(),
                    Optional.empty(),
                    -1);
        }
        PartitionImage known = partition.get();
        String name = topic.get().name() + "-" + id.partition();
        return new Absence(
                ErrorCode.NOT_LEADER,
                known.hasLeader()
                        ? name + " is led by broker " + known.leader() + ", epoch " + known.leaderEpoch()
                        : name + " has no leader now",
                known.hasLeader() ? Optional.of(new BrokerId(known.leader())) : Optional.empty(),
                known.leaderEpoch());
    }
}
