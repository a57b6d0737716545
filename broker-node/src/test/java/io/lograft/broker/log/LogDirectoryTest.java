package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.CheckpointFile;
import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogDirectoryTest {
    private static final TopicPartition A = new TopicPartition("a-b", 3);
    private static final TopicId ID = new TopicId(1, 2);

    private final FaultyFileStore store = new FaultyFileStore();

    private LogDirectory opened() throws IOException {
        return opened("boot");
    }

    private LogDirectory opened(String boot) throws IOException {
        LogDirectory directory = LogDirectory.open(store, boot);
        directory.beginWriting();
        return directory;
    }

    /** Holds a directory until its input ends; for the test of two processes. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            LogDirectory directory = LogDirectory.open(NioFileStore.createAt(arguments[0]), "");
            System.out.println("held");
            int end = System.in.read();
            directory.close();
            System.exit(end < 0 ? 0 : 1);
        }
    }

    @Test
    void oneProcessAtATime(@TempDir File root) throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        root.getPath())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("held");
            NioFileStore same = NioFileStore.createAt(root.getPath());
            assertThatThrownBy(() -> LogDirectory.open(same, ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process");
            process.getOutputStream().close();
            assertThat(process.waitFor()).isZero();
            LogDirectory.open(same, "").close();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void oneUserInTheSameProcess() throws IOException {
        LogDirectory first = LogDirectory.open(store, "boot");
        assertThatThrownBy(() -> LogDirectory.open(store, "boot")).hasMessageContaining("in use");
        first.close();
        LogDirectory.open(store, "boot").close();
    }

    @Test
    void rememberWhoseDirectoryItIs() throws IOException {
        LogDirectory directory = opened();
        assertThat(directory.identity()).isEmpty();
        LogDirectory.Identity identity = new LogDirectory.Identity("cluster", "directory", 4, 99);
        directory.recordIdentity(identity);
        store.crash(Loss.ALL, 0);
        assertThat(opened().identity()).contains(identity);
        WholeFile.replace(store, "meta.properties", "version=1\n".getBytes(StandardCharsets.UTF_8));
        store.crash(Loss.ALL, 0);
        assertThatThrownBy(this::opened).hasMessageContaining("cluster.id is missing");
    }

    @Test
    void tellsHowTheLastProcessStopped() throws IOException {
        LogDirectory first = opened();
        assertThat(first.lastStop()).isEqualTo(new LogDirectory.LastStop(false, false));
        first.closeCleanly();
        LogDirectory second = LogDirectory.open(store, "boot");
        assertThat(second.lastStop()).isEqualTo(new LogDirectory.LastStop(true, true));
        second.close();
        assertThat(opened().lastStop().isClean()).isTrue();
        store.crash(Loss.ALL, 0);
        LogDirectory third = LogDirectory.open(store, "another boot");
        assertThat(third.lastStop()).isEqualTo(new LogDirectory.LastStop(false, false));
    }

    @Test
    void whatAPowerCutMayHaveTakenIsNotForgottenBeforeItIsTold() throws IOException {
        LogDirectory first = opened();
        first.recordIdentity(new LogDirectory.Identity("cluster", "directory", 1, 5));
        store.crash(Loss.ALL, 0);
        LogDirectory.LastStop unsafe = new LogDirectory.LastStop(false, false);
        // Killed before it could tell.
        LogDirectory second = opened("second boot");
        assertThat(second.lastStop()).isEqualTo(unsafe);
        store.crash(Loss.NONE, 0);
        // Stopped in an orderly way, but still before.
        LogDirectory third = opened("second boot");
        assertThat(third.lastStop()).isEqualTo(unsafe);
        third.closeCleanly();
        LogDirectory fourth = opened("second boot");
        assertThat(fourth.lastStop()).isEqualTo(unsafe);
        fourth.lossesTold();
        store.crash(Loss.NONE, 0);
        assertThat(opened("second boot").lastStop()).isEqualTo(new LogDirectory.LastStop(false, true));
    }

    @Test
    void aDirectoryWhoseFsyncFailedWaitsForTheNextBoot() throws IOException {
        LogDirectory directory = opened();
        directory.markFailed();
        assertThatThrownBy(directory::closeCleanly).isInstanceOf(IllegalStateException.class);
        directory.close();
        assertThatThrownBy(() -> LogDirectory.open(store, "boot")).hasMessageContaining("fsync failed");
        LogDirectory.open(store, "another boot").close();
    }

    @Test
    void aCheckpointWithALineThatIsNoEntryIsAsGoodAsMissing() throws IOException {
        for (String line : List.of("a-b 0", "a-b zero 5", "a-b 0 five", "a-b -1 5", "")) {
            CheckpointFile.replace(store, "replication-offset-checkpoint", List.of("c 1 7", line));
            try (LogDirectory directory = LogDirectory.open(store, "boot")) {
                assertThat(directory.checkpointedHighWatermark(new TopicPartition("c", 1)))
                        .as("with the line '%s'", line)
                        .isZero();
            }
        }
    }

    @Test
    void createsListsAndDeletesPartitions() throws IOException {
        LogDirectory directory = opened();
        PartitionLog log = directory.createPartition(A, ID, FlushMode.COMMIT, LogHarness.SMALL);
        store.createDirectory("not a partition");
        store.createDirectory("lost-1");
        assertThat(directory.partitions()).isEqualTo(Map.of(A, ID));
        assertThat(directory.damagedPartitions()).containsExactly(new TopicPartition("lost", 1));
        assertThatThrownBy(() -> directory.createPartition(A, ID, FlushMode.COMMIT, LogHarness.SMALL))
                .isInstanceOf(IllegalStateException.class);
        log.abandon();
        directory.deletePartition(A, ID);
        directory.createPartition(A, ID, FlushMode.COMMIT, LogHarness.SMALL).abandon();
        directory.deletePartition(A, ID);
        assertThat(directory.partitions()).isEmpty();
        assertThat(new DeletedTrees(store).delete(() -> false)).isEqualTo(2);
        assertThat(new DeletedTrees(store).delete(() -> false)).isZero();
        assertThat(store.list("")).noneMatch(name -> name.startsWith("a-b"));
        assertThat(store.openFiles()).isEmpty();
    }

    @Test
    void aPartitionMadeAnewKnowsNothingOfTheOldOnesCheckpoints() throws IOException {
        LogDirectory directory = opened();
        PartitionLog old = directory.createPartition(A, ID, FlushMode.COMMIT, LogHarness.SMALL);
        directory.checkpoint(Map.of(A, new LogDirectory.Checkpoint(new LogDirectory.RecoveryPoint(50, 0), 40, 30)));
        old.abandon();
        directory.deletePartition(A, ID);
        directory.createPartition(A, new TopicId(5, 5), FlushMode.COMMIT, LogHarness.SMALL);
        assertThat(directory.checkpointedHighWatermark(A)).isZero();
        store.crash(Loss.ALL, 0);
        LogDirectory again = opened();
        PartitionLog log = again.openPartition(A, LogHarness.SMALL, 100);
        assertThat(again.checkpointedHighWatermark(A)).isZero();
        assertThat(log.logEndOffset()).isZero();
        assertThat(log.topicId()).isEqualTo(new TopicId(5, 5));
    }

    @Test
    void aPartitionMadeAnewForgetsTheOldOnesCheckpointsForGoodThoughItIsTruncated() throws IOException {
        LogDirectory directory = opened();
        PartitionLog old = directory.createPartition(A, ID, FlushMode.COMMIT, LogHarness.SMALL);
        directory.checkpoint(Map.of(A, new LogDirectory.Checkpoint(new LogDirectory.RecoveryPoint(2, 0), 2, 0)));
        old.abandon();
        directory.deletePartition(A, ID);
        PartitionLog log = directory.createPartition(A, new TopicId(5, 5), FlushMode.COMMIT, LogHarness.SMALL);
        for (String value : List.of("a", "b", "c", "d")) {
            log.appendAsLeader(Batches.of(1, value), 0, 1);
        }
        log.truncateTo(3, 1);
        store.crash(Loss.ALL, 0);
        assertThat(opened().checkpointedHighWatermark(A)).isZero();
    }

    @Test
    void checkpointsHaveKafkasLayoutAndSurviveACrash() throws IOException {
        LogDirectory directory = opened();
        directory.checkpoint(Map.of(A, new LogDirectory.Checkpoint(new LogDirectory.RecoveryPoint(50, 0), 40, 30)));
        store.crash(Loss.ALL, 0);
        assertThat(WholeFile.read(store, "recovery-point-offset-checkpoint"))
                .asString()
                .matches("0\n1\na-b 3 50\ncrc [0-9a-f]{8}\n");
        assertThat(WholeFile.read(store, "replication-offset-checkpoint"))
                .asString()
                .matches("0\n1\na-b 3 40\ncrc [0-9a-f]{8}\n");
        assertThat(WholeFile.read(store, "log-start-offset-checkpoint"))
                .asString()
                .matches("0\n1\na-b 3 30\ncrc [0-9a-f]{8}\n");
        LogDirectory again = opened();
        assertThat(again.checkpointedHighWatermark(A)).isEqualTo(40);
        assertThat(again.checkpointedHighWatermark(new TopicPartition("other", 0)))
                .isZero();
    }
}
