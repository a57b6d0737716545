package io.lograft.broker.app.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on a disk that is kept by a file, {@code .reserve}, and given back when others have filled the disk: with it the
 * broker can start, record its registration and write its metadata, and its checkpoints. Records never use it: they are
 * refused long before ({@code DiskRoom}), so what fills the disk to its end is somebody else's. Used by one thread at a
 * time.
 */
public final class DiskReserve {
    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);
    private static final String NAME = ".reserve";
    private static final long BYTES_MAX = 16L << 20;
    /** Of a small disk the file takes this part. */
    private static final int PART = 16;
    /** It is made anew once so many times its size are free. */
    private static final int PLENTY = 4;

    private static final int BLOCK_BYTES = 1 << 20;

    private final Path directory;
    private final Path file;

    /** For a directory that exists. */
    public DiskReserve(Path directory) {
        this.directory = directory;
        this.file = directory.resolve(NAME);
    }

    static long sizeBytes(long totalBytes) {
        return Math.min(BYTES_MAX, totalBytes / PART);
    }

    /**
     * Gives the room back where the disk is about full, takes it where there is plenty.
     *
     * @return bytes that are lacking in the reserve: they must not be taken by records
     */
    public long look() throws IOException {
        FileStore disk = Files.getFileStore(directory);
        long size = sizeBytes(disk.getTotalSpace());
        long usable = disk.getUsableSpace();
        boolean isThere = Files.exists(file);
        if (isThere && usable < size / 2) {
            Files.delete(file);
            LOG.warn(
                    "{}: others have filled the disk, {} bytes are left; the {} bytes that were kept in reserve are freed"
                            + " for metadata and checkpoints",
                    directory,
                    usable,
                    size);
            return size;
        }
        if (!isThere && usable > size * PLENTY) {
            take(size);
            return 0;
        }
        return isThere ? 0 : size;
    }

    /** Real blocks: a file that was only made longer would keep no room. */
    private void take(long size) throws IOException {
        Path unfinished = directory.resolve(NAME + "-new");
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer zeros = ByteBuffer.allocate(BLOCK_BYTES);
            for (long written = 0; written < size; ) {
                zeros.clear().limit((int) Math.min(BLOCK_BYTES, size - written));
                written += channel.write(zeros);
            }
            channel.force(false);
        }
        Files.move(unfinished, file);
    }
}
