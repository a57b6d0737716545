package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataCommand.RegisterBroker;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class BrokerRegistrationTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(3);

    @Test
    void aRegistrationGetsTheLogIndexAsEpochAndIsFenced() {
        long index = world.image().index() + 1;
        CommandReply reply = world.submit(registration(4, 1, "", "new-host", true));
        assertThat(reply.result()).isEqualTo(new CommandReply.Registered(index));
        BrokerImage broker = broker(4);
        assertThat(broker.epoch()).isEqualTo(index);
        assertThat(broker.fenced()).isTrue();
        assertThat(broker.lastUnfencedEpoch()).isEqualTo(-1);
    }

    @Test
    void aNewProcessFencesItsFormerSelf() {
        PartitionId id = world.topic("orders", 1, 3, Map.of());
        long former = broker(1).epoch();
        world.register(1);
        assertThat(broker(1).fenced()).isTrue();
        assertThat(broker(1).epoch()).isGreaterThan(former);
        assertThat(broker(1).lastUnfencedEpoch()).isEqualTo(former);
        assertThat(world.partition(id).leader()).isEqualTo(2);
        assertThat(world.partition(id).isr()).isEqualTo(ids(2, 3));
    }

    @Test
    void unfencingMakesTheEpochTheLastUnfenced() {
        BrokerRef ref = world.register(1);
        world.submit(new MetadataCommand.UnfenceBroker(ref, List.of()));
        assertThat(broker(1).lastUnfencedEpoch()).isEqualTo(ref.epoch());
        assertThat(broker(1).isLive()).isTrue();
    }

    @Test
    void anIdThatALiveProcessHasIsRefusedWithBothAddresses() {
        BrokerImage before = broker(1);
        CommandReply reply = world.submit(registration(1, 77, "", "intruder", false));
        assertThat(reply.error()).isEqualTo(ErrorCode.DUPLICATE_BROKER_ID);
        assertThat(reply.message()).contains("host-1:7400").contains("intruder:7400");
        assertThat(broker(1)).isEqualTo(before);
    }

    @Test
    void anIdWhoseHolderIsGoneOrFencedOrItselfIsGiven() {
        assertThat(world.submit(registration(1, 77, "", "host-1", true)).isOk()).isTrue();
        assertThat(world.submit(registration(1, 78, "", "host-1", false)).isOk())
                .as("it is fenced")
                .isTrue();
        world.submit(new MetadataCommand.UnfenceBroker(world.ref(1), List.of()));
        assertThat(world.submit(registration(1, 78, "", "host-1", false)).isOk())
                .as("the same process")
                .isTrue();
    }

    @Test
    void aBrokerOfAnotherClusterIsRefusedWithBothIds() {
        CommandReply reply = world.submit(registration(4, 1, "elsewhere", "host-4", true));
        assertThat(reply.error()).isEqualTo(ErrorCode.CLUSTER_ID_MISMATCH);
        assertThat(reply.message()).contains("elsewhere").contains("test-cluster");
        assertThat(world.image().broker(new BrokerId(4))).isEmpty();
    }

    @Test
    void anAddressMustBeOne() {
        RegisterBroker good = registration(4, 1, "", "host-4", true);
        for (BrokerAddress bad : List.of(
                new BrokerAddress("", 7400, ""), new BrokerAddress("h", 0, ""), new BrokerAddress("h", 70_000, ""))) {
            CommandReply reply = world.submit(
                    new RegisterBroker(good.id(), good.incarnation(), good.clusterId(), bad, good.directories(), true));
            assertThat(reply.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }

    @Test
    void registeringAnewEndsDraining() {
        world.submit(new MetadataCommand.DrainBroker(world.ref(1)));
        assertThat(broker(1).draining()).isTrue();
        world.register(1);
        assertThat(broker(1).draining()).isFalse();
    }

    @Test
    void requestsOfAFormerSelfAreRefused() {
        BrokerRef former = world.ref(1);
        world.register(1);
        for (MetadataCommand command : List.of(
                new MetadataCommand.UnfenceBroker(former, List.of()),
                new MetadataCommand.DrainBroker(former),
                new MetadataCommand.AllocateProducerIds(former, 10))) {
            assertThat(world.submit(command).error()).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        }
        BrokerRef nobody = new BrokerRef(new BrokerId(9), 1);
        assertThat(world.submit(new MetadataCommand.UnfenceBroker(nobody, List.of()))
                        .error())
                .isEqualTo(ErrorCode.UNKNOWN_BROKER);
    }

    private static RegisterBroker registration(
            int id, long incarnation, String clusterId, String host, boolean replaceLive) {
        return new RegisterBroker(
                new BrokerId(id),
                new UUID(0, incarnation),
                clusterId,
                new BrokerAddress(host, 7400, ""),
                List.of(MetadataWorld.directory(id)),
                replaceLive);
    }

    private BrokerImage broker(int id) {
        return world.image().broker(new BrokerId(id)).orElseThrow();
    }
}
