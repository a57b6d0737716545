package io.lograft.broker.group.consumer;

import static io.lograft.broker.group.consumer.Coordinator.partition;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Another broker takes the group over, and knows only what was recorded. */
class CoordinatorChangeTest {
    private final Coordinator coordinator =
            new Coordinator(Topics.NONE.with("a", 5).with("b", 3));

    @Test
    void nothingMovesAndNothingIsWritten() {
        Client one = new Client(coordinator, "m1", "a", "b").join();
        Client two = new Client(coordinator, "m2", "a").join();
        Client three = new Client(coordinator, "m3", "b").join();
        for (int i = 0; i < 3; i++) {
            one.settle();
            two.settle();
            three.settle();
        }
        GroupDescription before = coordinator.describe();
        assertThat(before.state()).isEqualTo("Stable");
        int records = coordinator.log().size();
        coordinator.changeCoordinator();
        assertThat(coordinator.describe()).isEqualTo(before);
        for (Client client : new Client[] {one, two, three}) {
            Set<PartitionId> owned = Set.copyOf(client.owned);
            int epoch = client.epoch;
            client.beat();
            assertThat(client.owned).isEqualTo(owned);
            assertThat(client.epoch).isEqualTo(epoch);
        }
        assertThat(coordinator.log()).hasSize(records);
    }

    @Test
    void everybodyHasAWholeSession() {
        Client one = new Client(coordinator, "m1", "a").join();
        coordinator.pass(Client.SESSION_MS - 1);
        coordinator.changeCoordinator();
        coordinator.pass(Client.SESSION_MS - 1);
        assertThat(one.beat().owned).hasSize(5);
        coordinator.changeCoordinator();
        coordinator.pass(Client.SESSION_MS);
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
    }

    @Test
    void whatWasBeingGivenUpIsWaitedForAWholeRebalanceTimeout() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.told();
        coordinator.changeCoordinator();
        assertThat(two.beat().owned).isEmpty();
        for (int passed = 0; passed < Client.REBALANCE_MS; passed += 1_000) {
            assertThat(one.told().assignment()).hasSize(3);
            assertThat(two.told().assignment()).isEmpty();
            coordinator.pass(1_000);
        }
        assertThat(one.refusal()).isEqualTo(ErrorCode.UNKNOWN_MEMBER);
        assertThat(two.beat().owned).hasSize(5);
    }

    @Test
    void partitionsThatCameMeanwhileAreGivenOut() {
        Client one = new Client(coordinator, "m1", "a").join();
        int epoch = one.epoch;
        Topics grown = coordinator.topics().with("a", 6);
        Coordinator other = takenOver(grown);
        Client same = same(one, other);
        assertThat(same.beat().owned).hasSize(6);
        assertThat(same.epoch).as("something new comes with a higher epoch").isGreaterThan(epoch);
    }

    /** A partition has one owner in an epoch, also where topics that came or went meanwhile lead to another target. */
    @Test
    void noEpochHasTwoOwnersOfAPartition() {
        for (int grown = 1; grown <= 9; grown++) {
            for (int later = 1; later <= 9; later++) {
                tellOfOneOwner(grown, later);
            }
        }
    }

    private static void tellOfOneOwner(int grown, int later) {
        Map<String, String> owners = new TreeMap<>();
        Coordinator before = new Coordinator(Topics.NONE.with("a", 6));
        List<Client> clients = List.of(
                new Client(before, "m1", "a").join(),
                new Client(before, "m2", "a").join(),
                new Client(before, "m3", "a").join());
        tell(clients, owners);
        before.topics(Topics.NONE.with("a", grown));
        tell(clients, owners);
        Coordinator after = new Coordinator(Topics.NONE.with("a", later));
        after.log().addAll(before.log());
        after.changeCoordinator();
        tell(clients.stream().map(client -> same(client, after)).toList(), owners);
    }

    private static void tell(List<Client> clients, Map<String, String> owners) {
        for (int round = 0; round < 5; round++) {
            for (Client client : clients) {
                for (PartitionId partition : client.beat().owned) {
                    String other = owners.putIfAbsent(partition + " in epoch " + client.epoch, client.id);
                    assertThat(other)
                            .as("owner of %s in epoch %d", partition, client.epoch)
                            .isIn(null, client.id);
                }
            }
        }
    }

    private static Client same(Client client, Coordinator other) {
        Client same = new Client(other, client.id, "a");
        same.epoch = client.epoch;
        same.owned = new TreeSet<>(client.owned);
        return same;
    }

    private Coordinator takenOver(Topics topics) {
        Coordinator other = new Coordinator(topics);
        other.log().addAll(coordinator.log());
        other.changeCoordinator();
        return other;
    }

    @Test
    void whatAMemberThatIsAwayLosesIsFreeAtOnce() {
        Client one = Client.withInstance(coordinator, "m1", "i1", "a").join();
        one.leave(ConsumerHeartbeat.LEAVING_FOR_A_WHILE);
        coordinator.topics(coordinator.topics().without("b"));
        Coordinator other = takenOver(coordinator.topics().with("a", 2));
        assertThat(other.describe().members().getFirst().owned())
                .extracting(held -> held.partition())
                .containsExactly(partition("a", 0), partition("a", 1));
    }

    @Test
    void aMemberThatLostTheAnswerGoesOn() {
        Client one = new Client(coordinator, "m1", "a").join();
        Client two = new Client(coordinator, "m2", "a").join();
        one.settle();
        ConsumerHeartbeat unanswered = two.heartbeat(two.epoch, two.owned, 0);
        coordinator.call(unanswered);
        coordinator.changeCoordinator();
        assertThat(two.beat().owned).hasSize(2);
    }
}
