package io.lograft.broker.app.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.app.storage.DirectoryChoice.Candidate;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several log directories, in order and not. */
final class LogStoragesTest {
    private static final BrokerId BROKER = new BrokerId(3);
    private static final OpenFiles OPEN_FILES = new OpenFiles(64);

    @TempDir
    Path root;

    private Path a;
    private Path b;

    @BeforeEach
    void format() throws IOException {
        a = Files.createDirectory(root.resolve("a"));
        b = Files.createDirectory(root.resolve("b"));
        try (LogStorages storages = open()) {
            for (LogStorage storage : storages.opened()) {
                storage.record("cluster", 7);
            }
        }
    }

    private LogStorages open() throws IOException {
        return LogStorages.open(BROKER, List.of(a, b), OPEN_FILES);
    }

    @Test
    void eachHasAnIdOfItsOwn() throws IOException {
        try (LogStorages storages = open()) {
            assertThat(storages.isComplete()).isTrue();
            assertThat(storages.clusterId()).isEqualTo("cluster");
            assertThat(storages.registration().usable()).hasSize(2).doesNotHaveDuplicates();
        }
    }

    @Test
    void aBrokenOneIsOfflineAndTheOtherIsUsed() throws IOException {
        Files.writeString(b.resolve("meta.properties"), "nonsense");
        try (LogStorages storages = open()) {
            assertThat(storages.isComplete()).isFalse();
            assertThat(storages.offlineCount()).isEqualTo(1);
            assertThat(storages.note()).isEqualTo("log directories offline: " + b);
            assertThat(storages.registration().usable()).hasSize(1);
            assertThat(storages.registration().isComplete()).isFalse();
        }
    }

    @Test
    void oneThatFailsLaterIsNotRegisteredAnyMore() throws IOException {
        try (LogStorages storages = open()) {
            DirectoryId gone = storages.opened().get(0).directoryId();
            assertThat(storages.fail(gone)).isTrue();
            assertThat(storages.fail(gone)).as("is known").isFalse();
            assertThat(storages.isUsable(gone)).isFalse();
            assertThat(storages.registration().usable())
                    .containsExactly(storages.opened().get(1).directoryId());
            assertThat(storages.offlineCount()).isEqualTo(1);
        }
    }

    @Test
    void withNoneThatCanBeUsedTheStartFails() throws IOException {
        Files.writeString(a.resolve("meta.properties"), "nonsense");
        Files.delete(b.resolve("meta.properties"));
        Files.createDirectory(b.resolve("meta.properties"));
        assertThatThrownBy(this::open).hasMessageContaining("no log directory can be used");
    }

    @Test
    void aCopyOfAnotherIsRefusedWithBothPaths() throws IOException {
        Files.delete(b.resolve("meta.properties"));
        Files.copy(a.resolve("meta.properties"), b.resolve("meta.properties"));
        assertThatThrownBy(this::open)
                .isInstanceOf(WrongDirectoryException.class)
                .hasMessageContaining(a.toString())
                .hasMessageContaining(b.toString());
    }

    @Test
    void oneOfAnotherBrokerOrClusterOrProcessIsRefused() throws IOException {
        // In the form of the first version, which has no checksum.
        String own = Files.readString(b.resolve("meta.properties"))
                .replace("version=2", "version=1")
                .replaceAll("crc=.*\\R", "");
        Files.writeString(b.resolve("meta.properties"), own.replace("broker.id=3", "broker.id=4"));
        assertThatThrownBy(this::open).hasMessageContaining(b + " belongs to broker 4");
        Files.writeString(b.resolve("meta.properties"), own.replace("cluster.id=cluster", "cluster.id=other"));
        assertThatThrownBy(this::open)
                .hasMessageContaining("belongs to cluster cluster")
                .hasMessageContaining("to cluster other");
        Files.writeString(b.resolve("meta.properties"), own);
        try (LogStorages first = open()) {
            assertThat(first.isComplete()).isTrue();
            assertThatThrownBy(this::open).isInstanceOf(LogDirectory.InUseException.class);
        }
    }

    @Test
    void aNewReplicaGoesToTheEmptiestByBytesThenByCount() {
        DirectoryId one = new DirectoryId(new UUID(0, 1));
        DirectoryId two = new DirectoryId(new UUID(0, 2));
        assertThat(DirectoryChoice.of(List.of(full(one, 10, 1), full(two, 9, 5))))
                .contains(two);
        assertThat(DirectoryChoice.of(List.of(full(one, 9, 1), full(two, 9, 5))))
                .contains(one);
        Candidate withoutRoom = new Candidate(one, 0, 0, List.of(), 0, false);
        assertThat(DirectoryChoice.of(List.of(withoutRoom, full(two, 9, 5))))
                .as("a full one gets nothing")
                .contains(two);
        assertThat(DirectoryChoice.of(List.of(withoutRoom))).contains(one);
        assertThat(DirectoryChoice.of(List.of())).isEmpty();
    }

    private static Candidate full(DirectoryId id, long bytes, int count) {
        return new Candidate(id, bytes, count, List.of(), 0, true);
    }

    /** How many of so many new replicas each directory gets, one after the other. */
    private static Map<DirectoryId, Integer> spread(int replicas, Candidate... directories) {
        Map<DirectoryId, Integer> planned = new HashMap<>();
        for (int i = 0; i < replicas; i++) {
            List<Candidate> candidates = Stream.of(directories)
                    .map(one -> one.withPlanned(planned.getOrDefault(one.id(), 0)))
                    .toList();
            planned.merge(DirectoryChoice.of(candidates).orElseThrow(), 1, Integer::sum);
        }
        return planned;
    }

    @Test
    void manyNewReplicasAreSpreadAsIfEachHadTheAverageSizeAlready() {
        DirectoryId one = new DirectoryId(new UUID(0, 1));
        DirectoryId two = new DirectoryId(new UUID(0, 2));
        assertThat(spread(500, full(one, 100_000, 10), full(two, 101_000, 10))).isEqualTo(Map.of(one, 250, two, 250));
        assertThat(spread(7, full(one, 0, 0), full(two, 0, 0)))
                .as("all are empty")
                .isEqualTo(Map.of(one, 4, two, 3));
        assertThat(spread(30, full(one, 100_000, 10), full(two, 0, 0)))
                .as("the new disk gets ten more")
                .isEqualTo(Map.of(one, 10, two, 20));
        Candidate filling = new Candidate(two, 50_000, 5, List.of(0L, 1L, 30_000L), 0, true);
        assertThat(spread(10, full(one, 100_000, 10), filling))
                .as("what is not filled yet counts 10,000 each, or what it has already")
                .isEqualTo(Map.of(one, 5, two, 5));
    }

    @Test
    void aDiskAtTheEdgeCountsAsFullForAWhile() {
        DirectoryId one = new DirectoryId(new UUID(0, 1));
        AtomicReference<Set<DirectoryId>> without = new AtomicReference<>(Set.of(one));
        FullDirectories full = new FullDirectories(without::get, 1_000);
        full.look(0);
        assertThat(full.now()).containsExactly(one);
        without.set(Set.of());
        full.look(999);
        assertThat(full.now()).containsExactly(one);
        full.look(1_000);
        assertThat(full.now()).isEmpty();
    }

    @Test
    void aCopyKeepsToItsRate() {
        assertThat(CopyPace.dueNs(50L << 20, 100L << 20)).isEqualTo(500_000_000L);
        assertThat(CopyPace.dueNs(0, 1)).isZero();
    }

    @Test
    void theReserveOfADiskIsBounded() throws IOException {
        assertThat(DiskReserve.sizeBytes(160 << 20)).isEqualTo(10 << 20);
        assertThat(DiskReserve.sizeBytes(1L << 40)).isEqualTo(16 << 20);
        DiskReserve reserve = new DiskReserve(a);
        assertThat(reserve.look()).as("there is plenty here").isZero();
        assertThat(Files.size(a.resolve(".reserve"))).isPositive();
    }
}
