package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The real disk. Safe for all threads; these must not be interrupted during a call. Of the files that are open in the
 * sense of {@link LogFile} only so many have a descriptor at a time ({@link OpenFiles}); so the store knows them by their
 * paths, and follows them when they are renamed. A directory that has open files must not be renamed.
 */
public final class NioFileStore implements FileStore {
    /** For a store that is used by a command or a test, with a few files. */
    private static final int OPEN_FILES = 256;

    private final Path root;
    private final OpenFiles openFiles;
    /** Held exclusively while a path is given to another file. */
    private final ReadWriteLock names = new ReentrantReadWriteLock();

    private final Map<String, List<NioLogFile>> filesByPath = new ConcurrentHashMap<>();

    /** The root must exist. */
    public NioFileStore(Path root) {
        this(root, new OpenFiles(OPEN_FILES));
    }

    /** The root must exist. Several stores may share the limit of open files. */
    public NioFileStore(Path root, OpenFiles openFiles) {
        this.root = root.toAbsolutePath().normalize();
        this.openFiles = openFiles;
    }

    /** Makes the root, with its parents, where it is missing. */
    public static NioFileStore createAt(String root) throws IOException {
        Path path = Path.of(root);
        Files.createDirectories(path);
        return new NioFileStore(path);
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    /** Until it is unlocked, every path leads where it leads now. */
    Lock namesStay() {
        Lock lock = names.readLock();
        lock.lock();
        return lock;
    }

    /** A file that exists gets a descriptor with its first use only. */
    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        NioLogFile file = new NioLogFile(this, path, mode != OpenMode.READ);
        Lock lock = namesStay();
        try {
            if (mode == OpenMode.REPLACE) {
                file.opened(emptied(path));
            } else if (!exists(path)) {
                throw new NoSuchFileException(path);
            }
            filesByPath.merge(path, List.of(file), NioFileStore::joined);
        } finally {
            lock.unlock();
        }
        openFiles.closeSurplus();
        return file;
    }

    private static List<NioLogFile> joined(List<NioLogFile> some, List<NioLogFile> others) {
        List<NioLogFile> all = new ArrayList<>(some);
        all.addAll(others);
        return List.copyOf(all);
    }

    /** The file is about to be closed. */
    void forget(NioLogFile file) {
        Lock lock = namesStay();
        try {
            filesByPath.computeIfPresent(file.pathNow(), (path, files) -> {
                List<NioLogFile> others =
                        files.stream().filter(other -> other != file).toList();
                return others.isEmpty() ? null : others;
            });
        } finally {
            lock.unlock();
        }
    }

    private FileChannel emptied(String path) throws IOException {
        try {
            return FileChannel.open(
                    resolve(path),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw named(e);
        }
    }

    /** Opens a file that exists. */
    FileChannel channel(String path, boolean isWritable) throws IOException {
        return isWritable
                ? FileChannel.open(resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE)
                : FileChannel.open(resolve(path), StandardOpenOption.READ);
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
    public long lastModifiedMs(String path) throws IOException {
        return Files.getLastModifiedTime(resolve(path)).toMillis();
    }

    @Override
    public Object identity(String path) throws IOException {
        Object key =
                Files.readAttributes(resolve(path), BasicFileAttributes.class).fileKey();
        return key == null ? new Object() : key;
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
        Lock lock = names.writeLock();
        lock.lock();
        try {
            keepOpen(to);
            Files.move(resolve(from), resolve(to), StandardCopyOption.ATOMIC_MOVE);
            List<NioLogFile> moved = filesByPath.remove(from);
            if (moved != null) {
                moved.forEach(file -> file.renamed(to));
                filesByPath.put(to, moved);
            }
        } catch (IOException e) {
            throw named(e);
        } finally {
            lock.unlock();
        }
    }

    /** Whoever has the file of this path open can go on to use it when the path is gone. */
    private void keepOpen(String path) throws IOException {
        List<NioLogFile> files = filesByPath.remove(path);
        if (files != null) {
            for (NioLogFile file : files) {
                file.keepOpen();
            }
        }
    }

    @Override
    public boolean delete(String path) throws IOException {
        // The lock is not held while the file is deleted, which takes long where it is large.
        Lock lock = names.writeLock();
        lock.lock();
        try {
            keepOpen(path);
        } finally {
            lock.unlock();
        }
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
