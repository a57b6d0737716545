package io.lograft.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.cluster.LostReplicas.Found;
import io.lograft.broker.cluster.LostReplicas.LogState;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LostReplicasTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final BrokerId OTHER = new BrokerId(2);
    private static final TopicId TOPIC = new TopicId(7, 7);
    private static final PartitionId IN_SYNC = new PartitionId(TOPIC, 0);
    private static final PartitionId OUT_OF_SYNC = new PartitionId(TOPIC, 1);
    private static final long LAST_UNFENCED = 10;
    private static final DirectoryId DIRECTORY = new DirectoryId(new UUID(3, 3));

    private final ClusterImage image = image();

    private static ClusterImage image() {
        MetadataRecord self = new MetadataRecord.BrokerRecord(
                SELF,
                20,
                new UUID(1, 1),
                new BrokerAddress("localhost", 7400, ""),
                BrokerDirectories.of(List.of()),
                true,
                false,
                LAST_UNFENCED);
        MetadataRecord topic =
                new MetadataRecord.TopicRecord(TOPIC, "orders", 1, FlushMode.COMMIT, new TreeMap<>(), false);
        return ClusterImage.empty()
                .apply(20, List.of(self, topic, partition(IN_SYNC, SELF), partition(OUT_OF_SYNC, OTHER)));
    }

    private static MetadataRecord partition(PartitionId id, BrokerId inSync) {
        List<ReplicaAssignment> replicas = List.of(
                new ReplicaAssignment(SELF, DirectoryId.UNASSIGNED),
                new ReplicaAssignment(OTHER, DirectoryId.UNASSIGNED));
        return new MetadataRecord.PartitionRecord(
                id, replicas, List.of(inSync), List.of(), List.of(), -1, 0, 0, -1, Optional.empty());
    }

    private List<LostReplica> find(Found found, Map<PartitionId, LogState> logs, Set<PartitionId> damaged) {
        return LostReplicas.find(
                image, SELF, List.of(new LostReplicas.Directory(DIRECTORY, found, logs, damaged)), true);
    }

    private static Map<PartitionId, LogState> log(FlushMode mode) {
        return Map.of(IN_SYNC, new LogState(mode, 3, 100));
    }

    @Test
    void vouchesForWhatWasFlushedBeforeACrash() {
        assertThat(find(new Found(false, LAST_UNFENCED, false), log(FlushMode.COMMIT), Set.of()))
                .isEmpty();
    }

    @Test
    void doesNotVouchForADamagedLog() {
        assertThat(find(new Found(false, LAST_UNFENCED, true), Map.of(), Set.of(IN_SYNC, OUT_OF_SYNC)))
                .as("only what a set counts on is lost")
                .containsExactly(new LostReplica(IN_SYNC, LostReplica.Cause.DISK, -1, 0));
    }

    @Test
    void aLogThatIsDamagedAtRunTimeIsLostWhereASetCountsOnIt() {
        assertThat(LostReplicas.ofDamaged(image, SELF, Set.of(IN_SYNC, OUT_OF_SYNC, new PartitionId(TOPIC, 7))))
                .containsExactly(new LostReplica(IN_SYNC, LostReplica.Cause.DISK, -1, 0));
    }

    @Test
    void aReplicaCanBeSparedWhereALiveOneHasAllThatIsCommitted() {
        assertThat(LostReplicas.canBeSpared(image, SELF, IN_SYNC))
                .as("the only one in sync")
                .isFalse();
        assertThat(LostReplicas.canBeSpared(image, SELF, OUT_OF_SYNC))
                .as("the other one is not known to live")
                .isFalse();
        ClusterImage withOther = image.apply(
                21,
                List.of(new MetadataRecord.BrokerRecord(
                        OTHER,
                        21,
                        new UUID(2, 2),
                        new BrokerAddress("localhost", 7410, ""),
                        BrokerDirectories.of(List.of()),
                        false,
                        false,
                        21)));
        assertThat(LostReplicas.canBeSpared(withOther, SELF, OUT_OF_SYNC)).isTrue();
        assertThat(LostReplicas.canBeSpared(withOther, SELF, IN_SYNC)).isFalse();
        assertThat(LostReplicas.canBeSpared(withOther, SELF, new PartitionId(TOPIC, 7)))
                .as("not there any more")
                .isFalse();
    }

    @Test
    void findsWhatADirectoryWithoutTopicIdMayBe() {
        assertThat(LostReplicas.byName(
                        image, Set.of(new TopicPartition("orders", 0), new TopicPartition("unknown", 0))))
                .containsExactly(IN_SYNC);
    }

    @Test
    void doesNotVouchForAnythingWhenTheDirectoryIsNewAndTheBrokerIsNot() {
        assertThat(find(new Found(true, -1, true), Map.of(), Set.of()))
                .containsExactly(new LostReplica(IN_SYNC, LostReplica.Cause.DISK, -1, 0));
    }

    @Test
    void vouchesForALogThatWasNeverMadeInADirectoryThatItHadBefore() {
        assertThat(find(new Found(false, LAST_UNFENCED, true), Map.of(), Set.of()))
                .isEmpty();
    }

    @Test
    void doesNotVouchForAnOldCopyOfTheDisk() {
        assertThat(find(new Found(false, LAST_UNFENCED - 1, true), log(FlushMode.COMMIT), Set.of()))
                .containsExactly(new LostReplica(IN_SYNC, LostReplica.Cause.DISK, 3, 100));
    }

    @Test
    void aDirectoryThatTheBrokerHadNotWhenItWasLetInIsForgetful() {
        assertThat(LostReplicas.isForgetful(image, SELF, DIRECTORY, new Found(true, -1, true)))
                .as("another directory")
                .isTrue();
        assertThat(LostReplicas.isForgetful(image, SELF, DIRECTORY, new Found(false, LAST_UNFENCED - 1, true)))
                .as("an old copy")
                .isTrue();
        assertThat(LostReplicas.isForgetful(image, SELF, DIRECTORY, new Found(false, LAST_UNFENCED, false)))
                .isFalse();
        assertThat(LostReplicas.isForgetful(image, OTHER, DIRECTORY, new Found(true, -1, true)))
                .as("a broker that was never let in")
                .isFalse();
    }

    @Test
    void doesNotVouchForAnUnflushedTailAfterAPowerCut() {
        assertThat(find(new Found(false, LAST_UNFENCED, false), log(FlushMode.OS), Set.of()))
                .containsExactly(new LostReplica(IN_SYNC, LostReplica.Cause.UNFLUSHED_TAIL, 3, 100));
        assertThat(find(new Found(false, LAST_UNFENCED, true), log(FlushMode.OS), Set.of()))
                .as("the page cache survives the end of a process")
                .isEmpty();
    }
}
