package io.lograft.broker.log.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;

/**
 * A file on the real disk. Its descriptor comes and goes: {@link OpenFiles} closes that of a file which was not used for
 * long, and the next use opens it again by its path.
 *
 * <p>What was written and not forced is forced before the descriptor is closed: a system tells only those of a write-back
 * that failed who had the file open by then. If that fails, it is told to whoever writes or forces the file next.
 *
 * <p>Locks are taken in this order: names of the store, this object's monitor, open files.
 */
final class NioLogFile implements LogFile {

    private interface Use<T> {
        T of(FileChannel channel) throws IOException;
    }

    private final NioFileStore store;
    private final boolean isWritable;
    private final AtomicReference<FileHandle> handle = new AtomicReference<>();
    /** Guarded by the lock of the store's names. */
    private String path;
    // The rest is guarded by this object's monitor.
    private boolean isClosed;
    private long writes;
    private long forcedWrites = -1;
    private IOException failure;

    NioLogFile(NioFileStore store, String path, boolean isWritable) {
        this.store = store;
        this.path = path;
        this.isWritable = isWritable;
    }

    /** Gives the file the channel that made it; before anybody else knows the file. */
    synchronized void opened(FileChannel channel) {
        FileHandle first = new FileHandle(this, channel);
        handle.set(first);
        store.openFiles().add(first);
        first.release();
    }

    @Override
    public String path() {
        Lock names = store.namesStay();
        try {
            return path;
        } finally {
            names.unlock();
        }
    }

    /** The path, for one who holds the lock of the names. */
    String pathNow() {
        return path;
    }

    /** It has another path now; the caller holds the lock of the names. */
    void renamed(String newPath) {
        path = newPath;
    }

    /**
     * Its path is about to lead nowhere or to another file: it is opened now, and stays so until {@link #close}. The
     * caller holds the lock of the names.
     */
    synchronized void keepOpen() throws IOException {
        if (!isClosed) {
            FileHandle open = retained();
            store.openFiles().keep(open);
            open.release();
        }
    }

    private <T> T use(Use<T> use) throws IOException {
        FileHandle open = handle.get();
        boolean isOpen = open != null && open.retain();
        if (!isOpen) {
            open = reopen();
        }
        try {
            return use.of(open.channel());
        } finally {
            open.release();
            if (!isOpen) {
                store.openFiles().closeSurplus();
            }
        }
    }

    private FileHandle reopen() throws IOException {
        Lock names = store.namesStay();
        try {
            return retained();
        } finally {
            names.unlock();
        }
    }

    /** A handle with one more user; opens the file where it is not. The caller holds the lock of the names. */
    private synchronized FileHandle retained() throws IOException {
        if (isClosed) {
            throw new ClosedChannelException();
        }
        FileHandle open = handle.get();
        if (open == null || !open.retain()) {
            open = new FileHandle(this, store.channel(path, isWritable));
            handle.set(open);
            store.openFiles().add(open);
        }
        return open;
    }

    /** Closes a handle that has been taken from this file as it was not used for long. */
    synchronized void closeRetired(FileHandle retired) {
        handle.compareAndSet(retired, null);
        try (FileChannel channel = retired.channel()) {
            if (writes > 0 && forcedWrites != writes) {
                channel.force(false);
                forcedWrites = writes;
            }
        } catch (IOException failed) {
            failure = failed;
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return use(channel -> {
            int total = 0;
            while (target.hasRemaining()) {
                int count = channel.read(target, position + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        });
    }

    @Override
    public void write(long position, ByteBuffer... sources) throws IOException {
        checkFailure();
        try {
            use(channel -> {
                try {
                    if (sources.length == 1) {
                        writeOne(channel, position, sources[0]);
                    } else {
                        gather(channel, position, sources);
                    }
                } finally {
                    written();
                }
                return null;
            });
        } catch (IOException e) {
            throw NioFileStore.named(e);
        }
    }

    private static void writeOne(FileChannel channel, long position, ByteBuffer source) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    private static void gather(FileChannel channel, long position, ByteBuffer[] sources) throws IOException {
        long remaining = 0;
        for (ByteBuffer source : sources) {
            remaining += source.remaining();
        }
        channel.position(position);
        while (remaining > 0) {
            remaining -= channel.write(sources);
        }
    }

    private synchronized void written() {
        writes++;
    }

    private synchronized void checkFailure() throws IOException {
        if (failure != null) {
            throw new IOException(path + ": what was written before could not be forced to the disk", failure);
        }
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        if (sizeBytes() > sizeBytes) {
            use(channel -> {
                channel.truncate(sizeBytes);
                written();
                return null;
            });
        }
    }

    /** Costs nothing where nothing was written since the last time. */
    @Override
    public void force() throws IOException {
        checkFailure();
        long upTo = writesToForce();
        if (upTo >= 0) {
            use(channel -> {
                channel.force(false);
                return null;
            });
            // What was written through a descriptor that is gone by now may have failed to be forced with it meanwhile.
            checkFailure();
            forced(upTo);
        }
    }

    /** How many writes a force now is going to cover; -1 if all are covered already. */
    private synchronized long writesToForce() throws IOException {
        if (isClosed) {
            throw new ClosedChannelException();
        }
        return writes == forcedWrites ? -1 : writes;
    }

    private synchronized void forced(long upTo) {
        forcedWrites = Math.max(forcedWrites, upTo);
    }

    /** Does not open the file. */
    @Override
    public long sizeBytes() throws IOException {
        Lock names = store.namesStay();
        try {
            synchronized (this) {
                if (isClosed) {
                    throw new ClosedChannelException();
                }
                FileHandle open = handle.get();
                return open == null ? store.sizeBytes(path) : sizeBytes(open);
            }
        } finally {
            names.unlock();
        }
    }

    private long sizeBytes(FileHandle open) throws IOException {
        if (!open.retain()) {
            return store.sizeBytes(path);
        }
        try {
            return open.channel().size();
        } finally {
            open.release();
        }
    }

    @Override
    public void close() throws IOException {
        store.forget(this);
        FileHandle open;
        synchronized (this) {
            isClosed = true;
            open = handle.getAndSet(null);
        }
        if (open != null && open.retire()) {
            store.openFiles().remove(open);
            open.close();
        }
    }

    @Override
    public String toString() {
        return path();
    }
}
