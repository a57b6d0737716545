package io.lograft.broker.log.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.FaultyFileStore.Fault;
import io.lograft.broker.log.io.FaultyFileStore.Loss;
import io.lograft.broker.log.io.FileStore.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class FaultyFileStoreTest extends FileStoreContract {
    @Override
    FileStore store() {
        return new FaultyFileStore();
    }

    @Test
    void aCrashLosesWhatWasNotForced() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        LogFile file = store.open("a", OpenMode.REPLACE);
        file.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        file.force();
        store.syncDirectory("");
        file.write(1, ByteBuffer.wrap(new byte[] {9, 9, 9}));
        file.truncate(2);
        store.open("b", OpenMode.REPLACE).force();
        store.crash(Loss.ALL, 0);
        assertThat(WholeFile.read(store, "a")).containsExactly(1, 2, 3);
        assertThat(store.exists("b")).isFalse();
        assertThat(store.openFiles()).isEmpty();
    }

    @Test
    void aCrashUndoesNamesThatWereNotSynced() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        WholeFile.replace(store, "a", new byte[] {1});
        WholeFile.replace(store, "b", new byte[] {2});
        store.rename("a", "b");
        store.createDirectory("d");
        store.crash(Loss.ALL, 0);
        assertThat(WholeFile.read(store, "a")).containsExactly(1);
        assertThat(WholeFile.read(store, "b")).containsExactly(2);
        assertThat(store.exists("d")).isFalse();
    }

    @Test
    void aPartialCrashTearsTheLastWrite() throws IOException {
        boolean wasTorn = false;
        for (int seed = 0; seed < 50; seed++) {
            FaultyFileStore store = new FaultyFileStore();
            WholeFile.replace(store, "a", new byte[] {7});
            LogFile file = store.open("a", OpenMode.WRITE);
            file.write(1, ByteBuffer.wrap(new byte[100]));
            store.crash(Loss.SOME, seed);
            long size = store.sizeBytes("a");
            assertThat(size).isBetween(1L, 101L);
            wasTorn |= size > 1 && size < 101;
        }
        assertThat(wasTorn).isTrue();
    }

    @Test
    void failsTheOrderedOperationOnly() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        LogFile file = store.open("a", OpenMode.REPLACE);
        store.failAt(2, Fault.DISK_FULL);
        file.write(0, ByteBuffer.allocate(8));
        assertThatThrownBy(() -> file.write(8, ByteBuffer.allocate(8))).isInstanceOf(DiskFullException.class);
        assertThat(file.sizeBytes()).isEqualTo(12);
        file.write(8, ByteBuffer.allocate(8));
        store.failAt(1, Fault.IO_ERROR);
        assertThatThrownBy(file::force).isInstanceOf(IOException.class);
        store.capacityBytes(20);
        assertThatThrownBy(() -> file.write(16, ByteBuffer.allocate(8))).isInstanceOf(DiskFullException.class);
        assertThat(store.openFiles()).containsExactly("a");
    }

    @Test
    void nothingWorksBetweenPowerCutAndRestart() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        LogFile file = store.open("a", OpenMode.REPLACE);
        store.failAt(1, Fault.POWER_CUT);
        assertThatThrownBy(file::force).isInstanceOf(FaultyFileStore.PowerCut.class);
        assertThatThrownBy(() -> store.syncDirectory("")).isInstanceOf(FaultyFileStore.PowerCut.class);
        store.crash(Loss.NONE, 0);
        assertThat(store.exists("a")).isTrue();
    }

    @Test
    void whatWasBelowARenamedDirectoryDoesNotComeBackBelowANewOne() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        store.createDirectory("a");
        WholeFile.replace(store, "a/file", new byte[] {1});
        store.syncDirectory("");
        store.rename("a", "b");
        store.syncDirectory("");
        store.createDirectory("a");
        store.syncDirectory("");
        store.crash(Loss.ALL, 0);
        assertThat(store.list("a")).isEmpty();
        assertThat(store.list("b")).containsExactly("file");
    }

    @Test
    void aPowerCutAfterTheEndOfAProcessTakesWhatWasNotForced() throws IOException {
        FaultyFileStore store = new FaultyFileStore();
        store.createDirectory("a");
        store.syncDirectory("");
        store.open("a/file", OpenMode.REPLACE).write(0, ByteBuffer.allocate(8));
        store.crash(Loss.NONE, 0);
        assertThat(store.list("a")).as("the page cache").containsExactly("file");
        store.crash(Loss.ALL, 0);
        assertThat(store.list("a")).isEmpty();
    }

    @Test
    void aNewNameBelowADirectoryMovesWithIt() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            FaultyFileStore store = new FaultyFileStore();
            store.createDirectory("a");
            store.syncDirectory("");
            store.open("a/file", OpenMode.REPLACE).close();
            store.rename("a", "b");
            store.createDirectory("a");
            store.syncDirectory("");
            store.crash(Loss.SOME, seed);
            assertThat(store.list("a")).as("seed " + seed).isEmpty();
        }
    }
}
