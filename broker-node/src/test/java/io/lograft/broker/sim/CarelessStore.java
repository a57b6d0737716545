package io.lograft.broker.sim;

import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** For deliberate mistakes: a disk whose user forgets to force files, or to sync directories. */
record CarelessStore(FileStore files, Mutation mutation) implements FileStore {

    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        return new CarelessFile(files.open(path, mode), mutation);
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
        if (mutation != Mutation.DIRECTORY_SYNC_SKIPPED) {
            files.syncDirectory(directory);
        }
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

    private record CarelessFile(LogFile file, Mutation mutation) implements LogFile {
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
            if (mutation != Mutation.FSYNC_SKIPPED) {
                file.force();
            }
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
