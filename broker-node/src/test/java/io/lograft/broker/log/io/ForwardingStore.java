package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A store that hands everything to another one; tests change what it is about for them. */
public abstract class ForwardingStore implements FileStore {
    private final FileStore files;

    protected ForwardingStore(FileStore files) {
        this.files = files;
    }

    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        return files.open(path, mode);
    }

    @Override
    public boolean exists(String path) throws IOException {
        return files.exists(path);
    }

    @Override
    public boolean isDirectory(String path) throws IOException {
        return files.isDirectory(path);
    }

    @Override
    public long sizeBytes(String path) throws IOException {
        return files.sizeBytes(path);
    }

    @Override
    public long lastModifiedMs(String path) throws IOException {
        return files.lastModifiedMs(path);
    }

    @Override
    public List<String> list(String directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public void createDirectory(String path) throws IOException {
        files.createDirectory(path);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public boolean delete(String path) throws IOException {
        return files.delete(path);
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
        files.syncDirectory(directory);
    }

    @Override
    public long usableBytes() throws IOException {
        return files.usableBytes();
    }

    @Override
    public long totalBytes() throws IOException {
        return files.totalBytes();
    }

    @Override
    public Optional<Closeable> lock(String path) throws IOException {
        return files.lock(path);
    }

    /** The same for a file. */
    protected abstract static class ForwardingFile implements LogFile {
        private final LogFile file;

        protected ForwardingFile(LogFile file) {
            this.file = file;
        }

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
            file.write(position, sources);
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            file.truncate(sizeBytes);
        }

        @Override
        public void force() throws IOException {
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
    }
}
