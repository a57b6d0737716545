package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Files of a directory that may be another process's: they are opened to read only, no lock is taken, nothing is made.
 * Whatever is looked at may vanish at any time, hence everything may be empty. Stateless.
 */
public final class ReadOnlyFiles {
    private ReadOnlyFiles() {}

    /** A file as it was when it was opened; it stays readable after its name is gone. For one thread. */
    public static final class ReadOnlyFile implements Closeable {
        private final String path;
        private final FileChannel channel;

        private ReadOnlyFile(String path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        public String path() {
            return path;
        }

        public long sizeBytes() throws IOException {
            return channel.size();
        }

        /** Fills the buffer from the position as far as the file goes; returns how many bytes these are. */
        public int read(ByteBuffer target, long position) throws IOException {
            int start = target.position();
            long at = position;
            while (target.hasRemaining()) {
                int count = channel.read(target, at);
                if (count < 0) {
                    break;
                }
                at += count;
            }
            return target.position() - start;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** The whole path of what a user names. */
    public static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    /** Opens a file; empty where there is none of that name (any more). */
    public static Optional<ReadOnlyFile> open(String path) throws IOException {
        try {
            return Optional.of(new ReadOnlyFile(path, FileChannel.open(Path.of(path), StandardOpenOption.READ)));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    /**
     * All bytes of a small file; empty where there is none.
     *
     * @throws IOException if it is larger than allowed, or cannot be read
     */
    public static Optional<byte[]> readWhole(String path, int sizeBytesMax) throws IOException {
        Optional<ReadOnlyFile> opened = open(path);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (ReadOnlyFile file = opened.get()) {
            long size = file.sizeBytes();
            if (size > sizeBytesMax) {
                throw new IOException(path + " has " + size + " bytes, more than " + sizeBytesMax);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            int count = file.read(bytes, 0);
            byte[] content = new byte[count];
            bytes.flip().get(content);
            return Optional.of(content);
        }
    }

    /** Names in a directory, sorted; empty where there is none (any more). */
    public static Optional<List<String>> list(String directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory))) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return Optional.empty();
        }
        Collections.sort(names);
        return Optional.of(names);
    }

    public static boolean isDirectory(String path) {
        return Files.isDirectory(Path.of(path));
    }

    public static boolean exists(String path) {
        return Files.exists(Path.of(path));
    }

    /** What went wrong: messages of {@link FileSystemException}s are often the path alone. */
    public static String inWords(IOException failed) {
        return switch (failed) {
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case NoSuchFileException gone -> gone.getFile() + ": no such file or directory";
            case FileSystemException other -> other.toString();
            default -> String.valueOf(failed.getMessage());
        };
    }
}
