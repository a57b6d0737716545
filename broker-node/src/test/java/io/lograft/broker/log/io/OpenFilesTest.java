package io.lograft.broker.log.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.FileStore.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real store with hardly any descriptors: the same contract, and what is particular to closing files aside. */
final class OpenFilesTest extends FileStoreContract {
    @TempDir
    private Path root;

    private final OpenFiles openFiles = new OpenFiles(1);

    @Override
    FileStore store() {
        return new NioFileStore(root, openFiles);
    }

    private static ByteBuffer number(int value) {
        return ByteBuffer.allocate(4).putInt(0, value);
    }

    private static int number(LogFile file, int index) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(4);
        file.read(target, index * 4L);
        return target.getInt(0);
    }

    @Test
    void theLimitHoldsHoweverManyFilesThereAre() throws IOException {
        OpenFiles five = new OpenFiles(5);
        FileStore store = new NioFileStore(root, five);
        List<LogFile> files = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            files.add(store.open("f" + i, OpenMode.REPLACE));
            files.get(i).write(0, number(i));
            assertThat(five.count()).isEqualTo(Math.min(i + 1, 5));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(number(files.get(i), 0)).isEqualTo(i);
            assertThat(five.count()).isEqualTo(5);
        }
        for (LogFile file : files) {
            file.close();
        }
        assertThat(five.count()).isZero();
    }

    @Test
    void whatIsUsedOftenStaysOpen() throws IOException {
        OpenFiles three = new OpenFiles(3);
        FileStore store = new NioFileStore(root, three);
        List<LogFile> once = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            once.add(store.open("once" + i, OpenMode.REPLACE));
        }
        LogFile often = store.open("often", OpenMode.REPLACE);
        often.write(0, number(7));
        long before = three.opened();
        for (LogFile file : once) {
            assertThat(number(often, 0)).isEqualTo(7);
            file.write(0, number(1));
        }
        assertThat(three.opened() - before).isEqualTo(20);
        often.close();
    }

    @Test
    void aFileThatIsOnlyAskedForItsSizeIsNotOpened() throws IOException {
        FileStore store = store();
        WholeFile.replace(store, "a", new byte[] {1, 2, 3});
        long before = openFiles.opened();
        try (LogFile file = store.open("a", OpenMode.WRITE)) {
            assertThat(file.sizeBytes()).isEqualTo(3);
            file.truncate(3);
            assertThat(openFiles.opened()).isEqualTo(before);
            file.truncate(1);
            assertThat(file.sizeBytes()).isEqualTo(1);
            assertThat(openFiles.opened()).isEqualTo(before + 1);
        }
        assertThat(openFiles.count()).isZero();
    }

    @Test
    void aDeletedFileThatIsStillReadCountsUntilItIsClosed() throws IOException {
        FileStore store = store();
        LogFile deleted = store.open("a", OpenMode.REPLACE);
        deleted.write(0, number(1));
        store.delete("a");
        try (LogFile other = store.open("b", OpenMode.REPLACE)) {
            other.write(0, number(2));
            assertThat(number(deleted, 0)).isEqualTo(1);
        }
        assertThat(openFiles.count()).isEqualTo(1);
        deleted.close();
        assertThat(openFiles.count()).isZero();
    }

    @Test
    void aFileThatWasClosedAsideIsForcedFirstAndTellsLaterThatItFailed() throws IOException {
        NioFileStore store = new NioFileStore(root, openFiles);
        FileChannel channel = FileChannel.open(root.resolve("a"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FailingChannel failing = new FailingChannel(channel);
        NioLogFile file = new NioLogFile(store, "a", true);
        file.opened(failing);
        file.write(0, number(1));
        LogFile other = store.open("b", OpenMode.REPLACE);
        other.write(0, number(2));
        assertThat(channel.isOpen()).isFalse();
        assertThat(failing.forces()).isEqualTo(1);
        assertThatThrownBy(file::force).isInstanceOf(IOException.class).hasRootCauseMessage("the disk is gone");
        assertThatThrownBy(() -> file.write(4, number(2))).isInstanceOf(IOException.class);
    }

    @Test
    void whatIsForcedAlreadyIsNotForcedAgain() throws IOException {
        NioFileStore store = new NioFileStore(root, openFiles);
        FailingChannel failing = new FailingChannel(
                FileChannel.open(root.resolve("a"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        NioLogFile file = new NioLogFile(store, "a", true);
        file.opened(failing);
        assertThatThrownBy(file::force).hasMessage("the disk is gone");
        failing.heal();
        file.force();
        file.force();
        file.write(0, number(1));
        file.force();
        file.force();
        assertThat(failing.forces()).isEqualTo(3);
        file.close();
    }

    /** Four readers and a writer on sixteen files with two descriptors; each file is append-only, and read whole. */
    @Test
    void readersAndWritersOnSeveralThreadsNeverSeeAnotherFile() throws Exception {
        FileStore store = new NioFileStore(root, new OpenFiles(2));
        List<LogFile> files = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            files.add(store.open("f" + i, OpenMode.REPLACE));
        }
        AtomicBoolean isDone = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                readers.add(threads.submit(readAll(files, isDone)));
            }
            for (int round = 0; round < 200; round++) {
                for (int i = 0; i < files.size(); i++) {
                    files.get(i).write(round * 4L, number(i * 1_000 + round));
                }
                LogFile renamed = files.get(round % 16);
                store.rename(renamed.path(), "r" + round);
                files.get(round % 16).force();
            }
            isDone.set(true);
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        }
        for (LogFile file : files) {
            file.close();
            assertThatThrownBy(() -> number(file, 0)).isInstanceOf(ClosedChannelException.class);
        }
    }

    private static Callable<Integer> readAll(List<LogFile> files, AtomicBoolean isDone) {
        return () -> {
            int count = 0;
            while (!isDone.get() || count == 0) {
                for (int i = 0; i < files.size(); i++) {
                    int written = (int) (files.get(i).sizeBytes() / 4);
                    for (int at = 0; at < written; at += 37) {
                        assertThat(number(files.get(i), at)).isEqualTo(i * 1_000 + at);
                        count++;
                    }
                }
            }
            return count;
        };
    }
}
