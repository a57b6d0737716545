package io.lograft.broker.log.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replica's files on their way from one directory to another. */
final class ReplicaCopyTest {
    private static final TopicPartition NAME = new TopicPartition("my-orders", 3);
    private static final TopicId TOPIC = new TopicId(1, 2);
    private static final String FIRST = NAME + "/00000000000000000000.log";
    private static final String SECOND = NAME + "/00000000000000000007.log";
    private static final String INDEX = NAME + "/00000000000000000000.index";

    private final FaultyFileStore to = new FaultyFileStore();
    private final FutureReplicas futures = new FutureReplicas(to);
    private final AtomicLong copiedBytes = new AtomicLong();

    @TempDir
    Path directory;

    private NioFileStore from;

    @BeforeEach
    void fill() throws IOException {
        from = new NioFileStore(directory, new OpenFiles(64));
        from.createDirectory(NAME.toString());
        write(FIRST, "aaaaaaa");
        write(SECOND, "bb");
        write(INDEX, "index");
    }

    private void write(String path, String text) throws IOException {
        try (LogFile file = from.open(path, FileStore.OpenMode.REPLACE)) {
            file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private void append(String path, long at, String text) throws IOException {
        try (LogFile file = from.open(path, FileStore.OpenMode.WRITE)) {
            file.write(at, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private ReplicaCopy copy() throws IOException {
        return new ReplicaCopy(new ReplicaCopy.Route(NAME, TOPIC, from, to), bytes -> {
            copiedBytes.addAndGet(bytes);
            return true;
        });
    }

    private String promoted(String path) throws IOException {
        if (!to.exists(NAME.toString())) {
            futures.promote(NAME, TOPIC);
        }
        return new String(WholeFile.read(to, path), StandardCharsets.UTF_8);
    }

    @Test
    void aRoundCopiesOnlyWhatWasAppendedSinceTheLastOne() throws IOException {
        ReplicaCopy copy = copy();
        assertThat(copy.round(Map.of(0L, 7L, 7L, 2L))).isEqualTo(9);
        append(SECOND, 2, "ccc");
        assertThat(copy.round(Map.of(0L, 7L, 7L, 4L)))
                .as("not beyond what counts")
                .isEqualTo(2);
        copiedBytes.set(0);
        copy.finish(false);
        assertThat(copiedBytes).hasValue(1 + "index".length());
        assertThat(promoted(FIRST)).isEqualTo("aaaaaaa");
        assertThat(promoted(SECOND)).isEqualTo("bbccc");
        assertThat(promoted(INDEX)).isEqualTo("index");
    }

    @Test
    void aTruncatedLogIsCopiedAnew() throws IOException {
        ReplicaCopy copy = copy();
        copy.round(Map.of(0L, 7L, 7L, 2L));
        append(SECOND, 0, "xy");
        copy.finish(true);
        assertThat(promoted(SECOND)).isEqualTo("xy");
    }

    @Test
    void aReplacedSegmentIsCopiedAnewAndADeletedOneIsGone() throws IOException {
        ReplicaCopy copy = copy();
        copy.round(Map.of(0L, 7L, 7L, 2L));
        write(NAME + "/new", "zzzzzzz");
        from.rename(NAME + "/new", FIRST);
        from.delete(SECOND);
        assertThat(copy.round(Map.of(0L, 7L, 7L, 2L))).isEqualTo(7);
        copy.finish(false);
        assertThat(promoted(FIRST)).isEqualTo("zzzzzzz");
        assertThat(to.exists(SECOND)).isFalse();
    }

    @Test
    void aCopyThatIsGivenUpLeavesNothingThatLooksWhole() throws IOException {
        ReplicaCopy copy = new ReplicaCopy(new ReplicaCopy.Route(NAME, TOPIC, from, to), bytes -> false);
        assertThatThrownBy(() -> copy.finish(false)).hasMessageContaining("given up");
        assertThat(futures.list()).isEmpty();
        futures.giveAwayUnfinished();
        assertThat(new DeletedTrees(to).delete(() -> false)).isEqualTo(1);
        assertThat(to.list("")).isEmpty();
    }

    /** At each number of operations on the target: after a loss of power there is a whole copy, or none. */
    @ParameterizedTest
    @EnumSource(FaultyFileStore.Loss.class)
    void aCrashLeavesAWholeCopyOrNone(FaultyFileStore.Loss loss) throws IOException {
        int whole = 0;
        for (int operations = 0; operations < 40; operations++) {
            FaultyFileStore disk = new FaultyFileStore();
            AtomicLong left = new AtomicLong(operations);
            boolean isFinished = copied(disk, left);
            disk.crash(loss, operations);
            FutureReplicas after = new FutureReplicas(disk);
            after.giveAwayUnfinished();
            Map<PartitionId, TopicPartition> found = after.list();
            if (isFinished) {
                assertThat(found).containsOnlyKeys(new PartitionId(TOPIC, 3));
            }
            if (!found.isEmpty()) {
                whole++;
                after.promote(NAME, TOPIC);
                for (String path : List.of(FIRST, SECOND, INDEX)) {
                    assertThat(WholeFile.read(disk, path)).isEqualTo(WholeFile.read(from, path));
                }
            }
            if (isFinished) {
                break;
            }
        }
        assertThat(whole).isPositive();
    }

    /** Copies until so many operations were made on the target; true where that was enough. */
    private boolean copied(FaultyFileStore disk, AtomicLong left) {
        try {
            ReplicaCopy copy = new ReplicaCopy(
                    new ReplicaCopy.Route(NAME, TOPIC, from, new CountedStore(disk, left)), bytes -> true);
            copy.round(Map.of(0L, 7L, 7L, 2L));
            copy.finish(false);
            return true;
        } catch (IOException ended) {
            assertThat(ended).hasMessageContaining("no more operations");
            return false;
        }
    }
}
