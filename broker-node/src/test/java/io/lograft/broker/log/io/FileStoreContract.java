package io.lograft.broker.log.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.FileStore.OpenMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every store does; run against the real one and the one in memory. */
abstract class FileStoreContract {

    abstract FileStore store() throws IOException;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(LogFile file, long position, int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        int read = file.read(target, position);
        assertThat(read).isEqualTo(target.position());
        return new String(target.array(), 0, read, StandardCharsets.UTF_8);
    }

    @Test
    void writesAtPositionsAndReadsUpToTheEnd() throws IOException {
        FileStore store = store();
        try (LogFile file = store.open("a", OpenMode.REPLACE)) {
            file.write(0, bytes("hello"));
            file.write(5, bytes(", "), bytes("wide "), bytes("world"));
            file.write(0, bytes("H"));
            assertThat(text(file, 0, 100)).isEqualTo("Hello, wide world");
            assertThat(text(file, 7, 4)).isEqualTo("wide");
            assertThat(text(file, 17, 4)).isEmpty();
            assertThat(text(file, 99, 4)).isEmpty();
            assertThat(file.sizeBytes()).isEqualTo(17);
            assertThat(file.path()).isEqualTo("a");
            file.force();
        }
        assertThat(store.sizeBytes("a")).isEqualTo(17);
    }

    @Test
    void truncatesButNeverLengthens() throws IOException {
        try (LogFile file = store().open("a", OpenMode.REPLACE)) {
            file.write(0, bytes("0123456789"));
            file.truncate(20);
            assertThat(file.sizeBytes()).isEqualTo(10);
            file.truncate(4);
            assertThat(text(file, 0, 100)).isEqualTo("0123");
            file.write(6, bytes("x"));
            assertThat(text(file, 0, 100)).isEqualTo("0123\0\0x");
        }
    }

    @Test
    void openModesTreatMissingAndExistingFiles() throws IOException {
        FileStore store = store();
        assertThatThrownBy(() -> store.open("a", OpenMode.READ)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.open("a", OpenMode.WRITE)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.open("no/a", OpenMode.REPLACE)).isInstanceOf(IOException.class);
        try (LogFile file = store.open("a", OpenMode.REPLACE)) {
            file.write(0, bytes("abc"));
        }
        try (LogFile file = store.open("a", OpenMode.WRITE)) {
            assertThat(text(file, 0, 9)).isEqualTo("abc");
            file.write(3, bytes("d"));
        }
        try (LogFile file = store.open("a", OpenMode.READ)) {
            assertThat(text(file, 0, 9)).isEqualTo("abcd");
            assertThatThrownBy(() -> file.write(0, bytes("x")))
                    .isInstanceOfAny(IOException.class, RuntimeException.class);
        }
        try (LogFile file = store.open("a", OpenMode.REPLACE)) {
            assertThat(file.sizeBytes()).isZero();
        }
    }

    @Test
    void closedFilesTellThatTheyAreClosed() throws IOException {
        LogFile file = store().open("a", OpenMode.REPLACE);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.write(0, bytes("x"))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::force).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::sizeBytes).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void directoriesListTheirOwnNamesSorted() throws IOException {
        FileStore store = store();
        store.createDirectory("d");
        store.createDirectory("d");
        store.open("d/b", OpenMode.REPLACE).close();
        store.open("d/a", OpenMode.REPLACE).close();
        assertThat(store.list("d")).isEqualTo(List.of("a", "b"));
        assertThat(store.list("")).contains("d").doesNotContain("a");
        assertThat(store.isDirectory("d")).isTrue();
        assertThat(store.isDirectory("d/a")).isFalse();
        assertThat(store.exists("d/a")).isTrue();
        assertThat(store.exists("d/c")).isFalse();
        assertThatThrownBy(() -> store.list("none")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.delete("d")).isInstanceOf(IOException.class);
        store.syncDirectory("d");
        store.syncDirectory("");
    }

    @Test
    void renamesReplaceAndOpenFilesStayReadable() throws IOException {
        FileStore store = store();
        store.createDirectory("d");
        WholeFile.replace(store, "d/a", new byte[] {1});
        WholeFile.replace(store, "d/b", new byte[] {2});
        try (LogFile replaced = store.open("d/b", OpenMode.READ)) {
            store.rename("d/a", "d/b");
            assertThat(WholeFile.read(store, "d/b")).containsExactly(1);
            assertThat(store.exists("d/a")).isFalse();
            ByteBuffer old = ByteBuffer.allocate(1);
            replaced.read(old, 0);
            assertThat(old.get(0)).isEqualTo((byte) 2);
        }
        store.rename("d", "e");
        assertThat(WholeFile.read(store, "e/b")).containsExactly(1);
        assertThatThrownBy(() -> store.rename("d", "f")).isInstanceOf(IOException.class);
    }

    @Test
    void openFilesFollowTheirFileWhenItIsRenamedReplacedOrDeleted() throws IOException {
        FileStore store = store();
        store.createDirectory("d");
        try (LogFile first = store.open("d/a", OpenMode.REPLACE);
                LogFile second = store.open("d/b", OpenMode.REPLACE);
                LogFile others = store.open("d/c", OpenMode.REPLACE)) {
            first.write(0, bytes("first"));
            second.write(0, bytes("second"));
            try (LogFile reader = store.open("d/b", OpenMode.READ)) {
                store.rename("d/a", "d/b");
                others.write(0, bytes("x"));
                store.open("d/a", OpenMode.REPLACE).close();
                assertThat(text(first, 0, 9)).isEqualTo("first");
                assertThat(text(second, 0, 9)).isEqualTo("second");
                assertThat(text(reader, 0, 9)).isEqualTo("second");
                assertThat(store.delete("d/b")).isTrue();
                others.write(0, bytes("x"));
                first.write(5, bytes("!"));
                first.force();
                assertThat(text(first, 0, 9)).isEqualTo("first!");
                assertThat(first.sizeBytes()).isEqualTo(6);
                assertThat(text(reader, 3, 9)).isEqualTo("ond");
                assertThat(store.list("d")).isEqualTo(List.of("a", "c"));
            }
        }
    }

    @Test
    void deletesFilesAndEmptyDirectories() throws IOException {
        FileStore store = store();
        store.createDirectory("d");
        WholeFile.replace(store, "d/a", new byte[] {1});
        assertThat(store.delete("d/a")).isTrue();
        assertThat(store.delete("d/a")).isFalse();
        assertThat(store.delete("d")).isTrue();
        assertThat(store.exists("d")).isFalse();
        assertThat(store.usableBytes()).isPositive().isLessThanOrEqualTo(store.totalBytes());
    }

    @Test
    void locksExcludeEachOtherUntilReleased() throws IOException {
        FileStore store = store();
        Optional<Closeable> first = store.lock(".lock");
        assertThat(first).isPresent();
        assertThat(store.lock(".lock")).isEmpty();
        first.orElseThrow().close();
        Optional<Closeable> second = store.lock(".lock");
        assertThat(second).isPresent();
        second.orElseThrow().close();
    }
}
