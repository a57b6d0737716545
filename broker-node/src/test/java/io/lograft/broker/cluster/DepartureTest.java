package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DepartureTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final TopicId TOPIC = new TopicId(7, 7);

    @Test
    void waitsForALiveReplicaThatIsMissing() {
        assertThat(Departure.isTooSoon(image(false, false, 1, 2), SELF)).isTrue();
    }

    @Test
    void nothingIsLostWhereEnoughAreLeftOrNoneIsOnTheWay() {
        assertThat(Departure.isTooSoon(image(false, false, 1, 2, 3), SELF))
                .as("enough")
                .isFalse();
        assertThat(Departure.isTooSoon(image(true, false, 1, 2), SELF))
                .as("down")
                .isFalse();
        assertThat(Departure.isTooSoon(image(false, true, 1, 2), SELF))
                .as("stopping, too")
                .isFalse();
        assertThat(Departure.isTooSoon(image(false, false, 2, 3), SELF))
                .as("not a member itself")
                .isFalse();
        assertThat(Departure.isTooSoon(image(false, false, 1), SELF))
                .as("too few already")
                .isFalse();
    }

    @Test
    void nobodyWaitsForReplicasThatAReassignmentAdds() {
        ClusterImage image = image(false, false, 1, 2);
        PartitionImage partition = image.partition(new PartitionId(TOPIC, 0)).orElseThrow();
        MetadataRecord moving = new MetadataRecord.PartitionRecord(
                new PartitionId(TOPIC, 0),
                partition.replicas(),
                partition.isr(),
                List.of(),
                List.of(),
                1,
                0,
                1,
                -1,
                Optional.of(new Reassignment(List.of(new BrokerId(1), new BrokerId(3)), List.of(new BrokerId(3)), 0)));
        assertThat(Departure.isTooSoon(image.apply(11, List.of(moving)), SELF)).isFalse();
    }

    /** One partition of three replicas with a minimum of 2; what is said of fencing and draining is of broker 3. */
    private static ClusterImage image(boolean isFenced, boolean isDraining, int... isr) {
        List<MetadataRecord> records = new ArrayList<>();
        List<ReplicaAssignment> replicas = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            replicas.add(new ReplicaAssignment(new BrokerId(id), DirectoryId.UNASSIGNED));
            records.add(new MetadataRecord.BrokerRecord(
                    new BrokerId(id),
                    id,
                    new UUID(0, id),
                    new BrokerAddress("localhost", 1, ""),
                    BrokerDirectories.of(List.of()),
                    id == 3 && isFenced,
                    id == 3 && isDraining,
                    id));
        }
        records.add(new MetadataRecord.TopicRecord(TOPIC, "orders", 2, FlushMode.COMMIT, new TreeMap<>(), false));
        records.add(new MetadataRecord.PartitionRecord(
                new PartitionId(TOPIC, 0),
                replicas,
                Stream.of(1, 2, 3)
                        .filter(id -> Arrays.stream(isr).anyMatch(member -> member == id))
                        .map(BrokerId::new)
                        .toList(),
                List.of(),
                List.of(),
                isr[0],
                0,
                0,
                -1,
                Optional.empty()));
        return ClusterImage.empty().apply(10, records);
    }
}
