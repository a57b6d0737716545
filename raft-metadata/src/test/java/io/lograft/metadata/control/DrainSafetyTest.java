package io.lograft.metadata.control;

import static io.lograft.metadata.control.MetadataWorld.ids;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An operator's drain: what it moves, and when it is refused. */
final class DrainSafetyTest {
    private final MetadataWorld world = MetadataWorld.withBrokers(3);

    @Test
    void leadershipMovesAndTheSetShrinksToNoLessThanTheMinimum() {
        PartitionId id = world.topic("orders", 1, 3, Map.of());
        assertThat(drain(1).isOk()).isTrue();
        assertThat(world.partition(id).leader()).isEqualTo(2);
        assertThat(world.partition(id).isr()).isEqualTo(ids(2, 3));
        assertThat(broker(1)).isTrue();
        assertThat(drain(1).isOk()).as("again").isTrue();
    }

    @Test
    void theOnlyCopyIsNotGivenUp() {
        PartitionId single = world.topic("single", 1, 1, Map.of());
        int holder = world.partition(single).leader();
        ClusterImage before = world.image();
        CommandReply reply = drain(holder);
        assertThat(reply.error()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
        assertThat(reply.message()).contains("broker " + holder, "1 partitions", "single-0 (0 of at least 1)");
        assertThat(world.image().brokers()).isEqualTo(before.brokers());
        assertThat(drain(holder == 1 ? 2 : 1).isOk()).isTrue();
    }

    @Test
    void aSetIsNotTakenBelowItsMinimum() {
        world.topic("orders", 4, 3, Map.of());
        world.fence(3);
        CommandReply reply = drain(1);
        assertThat(reply.error()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
        assertThat(reply.message()).contains("4 partitions", "(1 of at least 2)");
    }

    @Test
    void anotherBrokerThatDrainsIsNotCountedOn() {
        world.topic("orders", 1, 3, Map.of());
        assertThat(drain(1).isOk()).isTrue();
        assertThat(drain(2).error()).isEqualTo(ErrorCode.UNSAFE_CHANGE);
    }

    @Test
    void aBrokerThatStopsIsNotAsked() {
        PartitionId single = world.topic("single", 1, 1, Map.of());
        int holder = world.partition(single).leader();
        assertThat(world.submit(new MetadataCommand.DrainBroker(world.ref(holder)))
                        .isOk())
                .isTrue();
        assertThat(world.partition(single).leader()).isEqualTo(holder);
    }

    @Test
    void drainingEndsWithANewRegistration() {
        world.topic("orders", 1, 3, Map.of());
        drain(1);
        world.start(1);
        assertThat(broker(1)).isFalse();
    }

    @Test
    void aFencedAStaleAndAnUnknownBrokerAreRefused() {
        BrokerRef former = world.ref(1);
        world.start(1);
        assertThat(world.submit(new MetadataCommand.DrainBroker(former, true)).error())
                .isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
        world.fence(1);
        assertThat(drain(1).error()).isEqualTo(ErrorCode.BROKER_FENCED);
        assertThat(world.submit(new MetadataCommand.DrainBroker(new BrokerRef(new BrokerId(9), 1), true))
                        .error())
                .isEqualTo(ErrorCode.UNKNOWN_BROKER);
    }

    private CommandReply drain(int broker) {
        return world.submit(new MetadataCommand.DrainBroker(world.ref(broker), true));
    }

    private boolean broker(int id) {
        return world.image().brokers().get(new BrokerId(id)).draining();
    }
}
