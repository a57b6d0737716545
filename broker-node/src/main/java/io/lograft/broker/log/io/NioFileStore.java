package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The real disk. Stateless but for its root, hence safe for all threads; these must not be interrupted during a call. */
public final class NioFileStore implements FileStore {
    private final Path root;

    /** The root must exist. */
    public NioFileStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Makes the root, with its parents, where it is missing. */
    public static NioFileStore createAt(String root) throws IOException {
        Path path = Path.of(root);
        Files.createDirectories(path);
        return new NioFileStore(path);
    }

    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        return new NioLogFile(path, channel(path, mode));
    }

    private FileChannel channel(String path, OpenMode mode) throws IOException {
        Path file = resolve(path);
        try {
            return switch (mode) {
                case READ -> FileChannel.open(file, StandardOpenOption.READ);
                case WRITE -> FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                case REPLACE ->
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING);
            };
        } catch (IOException e) {
            throw named(e);
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(resolve(path));
    }

    @Override
    public boolean isDirectory(String path) {
        return Files.isDirectory(resolve(path));
    }

    @Override
    public long sizeBytes(String path) throws IOException {
        return Files.size(resolve(path));
    }

    @Override
    public List<String> list(String directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(resolve(directory))) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public void createDirectory(String path) throws IOException {
        try {
            Files.createDirectory(resolve(path));
        } catch (FileAlreadyExistsException e) {
            if (!isDirectory(path)) {
                throw e;
            }
        } catch (IOException e) {
            throw named(e);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw named(e);
        }
    }

    @Override
    public boolean delete(String path) throws IOException {
        return Files.deleteIfExists(resolve(path));
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
        try (FileChannel channel = FileChannel.open(resolve(directory), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    @Override
    public long totalBytes() throws IOException {
        return Files.getFileStore(root).getTotalSpace();
    }

    @Override
    @SuppressWarnings("resource") // the lock lives as long as its channel, which the returned object closes
    public Optional<Closeable> lock(String path) throws IOException {
        FileChannel channel = FileChannel.open(resolve(path), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(channel);
    }

    private Path resolve(String path) {
        return path.isEmpty() ? root : root.resolve(path);
    }

    /** Gives "no space left" and "quota exceeded" their own type; the JDK tells them by the message only. */
    static IOException named(IOException failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = message.contains("no space left") || message.contains("quota exceeded");
        return full ? new DiskFullException(failure.getMessage(), failure) : failure;
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
