package io.lograft.broker.log.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeletedTreesTest {
    private final FaultyFileStore store = new FaultyFileStore();
    private final DeletedTrees deleted = new DeletedTrees(store);

    private static void make(FileStore store, String directory) throws IOException {
        store.createDirectory(directory);
        for (String file : new String[] {"a", "b"}) {
            try (LogFile made = store.open(directory + "/" + file, FileStore.OpenMode.REPLACE)) {
                made.force();
            }
        }
        store.syncDirectory(directory);
        store.syncDirectory("");
    }

    @Test
    void onlyWhatWasGivenAwayIsDeleted() throws IOException {
        make(store, "x");
        deleted.giveAway("x", "old");
        make(store, "x");
        deleted.giveAway("x", "old");
        make(store, "x");
        try (LogFile file = store.open("file-delete", FileStore.OpenMode.REPLACE)) {
            file.force();
        }
        assertThat(store.list("")).containsExactly("file-delete", "old-delete", "old.1-delete", "x");
        assertThat(deleted.delete(() -> false)).isEqualTo(2);
        assertThat(store.list("")).containsExactly("file-delete", "x");
        assertThat(store.list("x")).containsExactly("a", "b");
        assertThat(deleted.delete(() -> false)).isZero();
    }

    /** At each operation: what was given away never has its name again, and a later process deletes what is left. */
    @ParameterizedTest
    @EnumSource(Loss.class)
    void aPowerCutAtAnyPointLeavesItWithItsNameOrGivenAway(Loss loss) throws IOException {
        int given = 0;
        for (int operation = 1; operation <= 6; operation++) {
            FaultyFileStore disk = new FaultyFileStore();
            make(disk, "x");
            disk.failAt(operation, Fault.POWER_CUT);
            boolean isGivenAway = false;
            try {
                new DeletedTrees(disk).giveAway("x", "old");
                isGivenAway = true;
                given++;
                new DeletedTrees(disk).delete(() -> false);
            } catch (FaultyFileStore.PowerCut cut) {
                assertThat(operation).isLessThan(6);
            }
            disk.crash(loss, operation);
            if (isGivenAway) {
                assertThat(disk.exists("x")).as("operation %d", operation).isFalse();
            } else if (disk.exists("x")) {
                assertThat(disk.list("x")).containsExactly("a", "b");
            }
            new DeletedTrees(disk).delete(() -> false);
            assertThat(disk.list("")).isSubsetOf("x");
        }
        assertThat(given).isEqualTo(4);
    }

    @Test
    void itEndsAfterAnyFileWhenToldSo() throws IOException {
        for (int filesMax = 0; filesMax < 6; filesMax++) {
            FaultyFileStore disk = new FaultyFileStore();
            make(disk, "x");
            make(disk, "y");
            new DeletedTrees(disk).giveAway("x", "x");
            new DeletedTrees(disk).giveAway("y", "y");
            long before = disk.operations();
            AtomicInteger left = new AtomicInteger(filesMax);
            assertThat(new DeletedTrees(disk).delete(() -> left.getAndDecrement() <= 0))
                    .isEqualTo(filesMax / 3);
            assertThat(disk.operations() - before).isEqualTo(filesMax);
            assertThat(new DeletedTrees(disk).delete(() -> false)).isEqualTo(2 - filesMax / 3);
            assertThat(disk.list("")).isEmpty();
        }
    }

    @Test
    void oneThatCannotBeDeletedIsToldAndDoesNotKeepTheOthers() throws IOException {
        make(store, "x");
        make(store, "y");
        deleted.giveAway("x", "x");
        deleted.giveAway("y", "y");
        store.createDirectory("x-delete/what is this");
        make(store, "x-delete/what is this/deeper");
        assertThatThrownBy(() -> deleted.delete(() -> false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("x-delete/what is this is not empty");
        assertThat(store.list("")).containsExactly("x-delete");
    }

    /** A process that is about to end may delete the same files still. */
    @Test
    void whatAnotherDeletesMeanwhileIsAsGoodAsDeleted() throws IOException {
        make(store, "x");
        make(store, "y");
        deleted.giveAway("x", "x");
        deleted.giveAway("y", "y");
        for (int asked = 1; asked <= 3; asked++) {
            FaultyFileStore disk = store.copy();
            AtomicInteger left = new AtomicInteger(asked);
            new DeletedTrees(disk).delete(() -> {
                if (left.decrementAndGet() == 0) {
                    deleteAll(disk);
                }
                return false;
            });
            assertThat(disk.list("")).isEmpty();
        }
        FileStore raced = new ForwardingStore(store) {
            @Override
            public List<String> list(String directory) throws IOException {
                if (!directory.isEmpty()) {
                    deleteAll(store);
                }
                return store.list(directory);
            }
        };
        assertThat(new DeletedTrees(raced).delete(() -> false)).isZero();
        assertThat(store.list("")).isEmpty();
    }

    private static void deleteAll(FileStore disk) {
        try {
            assertThat(new DeletedTrees(disk).delete(() -> false)).isPositive();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
