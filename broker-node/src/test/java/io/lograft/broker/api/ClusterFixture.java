package io.lograft.broker.api;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A cluster of three brokers whose metadata are in this object; commands are carried out at once. */
final class ClusterFixture implements ClusterState, CommandSubmitter {
    final List<MetadataCommand> commands = new ArrayList<>();
    private volatile ClusterImage image = ClusterImage.empty();
    volatile Optional<BrokerId> controller = Optional.of(new BrokerId(1));

    ClusterFixture() {
        carryOut(new MetadataCommand.FormCluster("cluster-a", 1));
        for (int id = 1; id <= 3; id++) {
            carryOut(new MetadataCommand.RegisterBroker(
                    new BrokerId(id), new UUID(0, id), "", new BrokerAddress("host-" + id, 7400, ""), List.of(), true));
            carryOut(new MetadataCommand.UnfenceBroker(
                    image.brokers().get(new BrokerId(id)).ref(), List.of()));
        }
    }

    void topic(String name, int partitions) {
        carryOut(new MetadataCommand.CreateTopic(
                new TopicId(7, image.index()),
                name,
                partitions,
                3,
                new TreeMap<>(),
                TopicDefaults.STANDARD,
                0,
                false,
                false));
    }

    /** The broker registers anew and says that it lost its replica of the first topic's first partition. */
    void restart(int id) {
        BrokerId broker = new BrokerId(id);
        carryOut(new MetadataCommand.RegisterBroker(
                broker, new UUID(1, id), "", new BrokerAddress("host-" + id, 7400, ""), List.of(), true));
        PartitionId partition = new PartitionId(image.topics().iterator().next().id(), 0);
        carryOut(new MetadataCommand.UnfenceBroker(
                image.brokers().get(broker).ref(), List.of(new LostReplica(partition, LostReplica.Cause.DISK, -1, 0))));
    }

    void fence(int id) {
        carryOut(new MetadataCommand.FenceBrokers(
                List.of(image.brokers().get(new BrokerId(id)).ref())));
    }

    CommandReply carryOut(MetadataCommand command) {
        Decision decision = MetadataControl.decide(image, image.index() + 1, command);
        image = image.apply(image.index() + 1, decision.records());
        return decision.reply();
    }

    @Override
    public CompletableFuture<CommandReply> submit(MetadataCommand command) {
        commands.add(command);
        return CompletableFuture.completedFuture(carryOut(command));
    }

    @Override
    public BrokerId self() {
        return new BrokerId(1);
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public Optional<BrokerId> controller() {
        return controller;
    }

    @Override
    public List<BrokerId> voters() {
        return List.of(new BrokerId(1), new BrokerId(2));
    }
}
