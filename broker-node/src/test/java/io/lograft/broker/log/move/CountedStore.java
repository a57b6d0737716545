package io.lograft.broker.log.move;

import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A store that takes so many changes, and then fails with each. */
final class CountedStore implements FileStore {
    private final FileStore store;
    private final AtomicLong left;

    CountedStore(FileStore store, AtomicLong left) {
        this.store = store;
        this.left = left;
    }

    private void count() throws IOException {
        if (left.decrementAndGet() < 0) {
            throw new IOException("no more operations");
        }
    }

    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        if (mode == OpenMode.REPLACE) {
            count();
        }
        LogFile file = store.open(path, mode);
        return new LogFile() {
            @Override
            public String path() {
                return file.path();
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                return file.read(target, position);
            }

            @Override
            public void write(long position, ByteBuffer... sources) throws IOException {
                count();
                file.write(position, sources);
            }

            @Override
            public void truncate(long sizeBytes) throws IOException {
                count();
                file.truncate(sizeBytes);
            }

            @Override
            public void force() throws IOException {
                count();
                file.force();
            }

            @Override
            public long sizeBytes() throws IOException {
                return file.sizeBytes();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    @Override
    public boolean exists(String path) throws IOException {
        return store.exists(path);
    }

    @Override
    public boolean isDirectory(String path) throws IOException {
        return store.isDirectory(path);
    }

    @Override
    public long sizeBytes(String path) throws IOException {
        return store.sizeBytes(path);
    }

    @Override
    public long lastModifiedMs(String path) throws IOException {
        return store.lastModifiedMs(path);
    }

    @Override
    public List<String> list(String directory) throws IOException {
        return store.list(directory);
    }

    @Override
    public void createDirectory(String path) throws IOException {
        count();
        store.createDirectory(path);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        count();
        store.rename(from, to);
    }

    @Override
    public boolean delete(String path) throws IOException {
        count();
        return store.delete(path);
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
        count();
        store.syncDirectory(directory);
    }

    @Override
    public long usableBytes() throws IOException {
        return store.usableBytes();
    }

    @Override
    public long totalBytes() throws IOException {
        return store.totalBytes();
    }

    @Override
    public Optional<Closeable> lock(String path) throws IOException {
        return store.lock(path);
    }
}
