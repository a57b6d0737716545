package io.lograft.broker.log.move;

import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.ForwardingStore;
import io.lograft.broker.log.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A store that takes so many changes, and then fails with each. */
final class CountedStore extends ForwardingStore {
    private final AtomicLong left;

    CountedStore(FileStore store, AtomicLong left) {
        super(store);
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
        return new ForwardingFile(super.open(path, mode)) {
            @Override
            public void write(long position, ByteBuffer... sources) throws IOException {
                count();
                super.write(position, sources);
            }

            @Override
            public void truncate(long sizeBytes) throws IOException {
                count();
                super.truncate(sizeBytes);
            }

            @Override
            public void force() throws IOException {
                count();
                super.force();
            }
        };
    }

    @Override
    public void createDirectory(String path) throws IOException {
        count();
        super.createDirectory(path);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        count();
        super.rename(from, to);
    }

    @Override
    public boolean delete(String path) throws IOException {
        count();
        return super.delete(path);
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
        count();
        super.syncDirectory(directory);
    }
}
