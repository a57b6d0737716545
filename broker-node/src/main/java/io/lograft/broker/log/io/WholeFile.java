package io.lograft.broker.log.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Small files that are read and replaced as a whole. */
public final class WholeFile {

    /** Greatest size that is read; more is taken for damage. */
    private static final long SIZE_BYTES_MAX = 256L << 20;

    private WholeFile() {}

    /** Reads all bytes of a file; fails if it is missing. */
    public static byte[] read(FileStore store, String path) throws IOException {
        try (LogFile file = store.open(path, FileStore.OpenMode.READ)) {
            long size = file.sizeBytes();
            if (size > SIZE_BYTES_MAX) {
                throw new IOException(path + " has " + size + " bytes, more than " + SIZE_BYTES_MAX);
            }
            ByteBuffer buffer = ByteBuffer.allocate((int) size);
            int count = file.read(buffer, 0);
            if (count < size) {
                throw new EOFException(path + " ended after " + count + " of " + size + " bytes");
            }
            return buffer.array();
        }
    }

    /**
     * Replaces a file durably and in one step: whatever happens, it has its old content or all of the new one. Costs two
     * fsyncs. One thread at a time per path.
     */
    public static void replace(FileStore store, String path, byte[] content) throws IOException {
        String temporary = path + ".tmp";
        try (LogFile file = store.open(temporary, FileStore.OpenMode.REPLACE)) {
            file.write(0, ByteBuffer.wrap(content));
            file.force();
        }
        store.rename(temporary, path);
        store.syncDirectory(parent(path));
    }

    /** The directory that holds the path. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
