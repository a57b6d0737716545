package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One directory tree on one disk. Paths are relative to its root, with {@code /} between names; the empty path is the
 * root itself.
 *
 * <p>What survives a power cut: the bytes of a file up to the last {@link LogFile#force}, and names (created, renamed,
 * deleted) up to the last {@link #syncDirectory} of the directory that holds them. A rename replaces the target in one
 * step. Everything may be called from any thread. A full disk is reported as {@link DiskFullException}, whatever else
 * fails as another {@link IOException}.
 */
public interface FileStore {

    /** How {@link #open} treats a file that is there or is missing. */
    enum OpenMode {
        /** To read; fails if the file is missing. */
        READ,
        /** To read and write; fails if the file is missing. */
        WRITE,
        /** To read and write; makes the file if it is missing, else cuts it to nothing. */
        REPLACE
    }

    LogFile open(String path, OpenMode mode) throws IOException;

    /** True for a file or directory of that name. */
    boolean exists(String path) throws IOException;

    boolean isDirectory(String path) throws IOException;

    /** Size of a file, in bytes; fails if it is missing. */
    long sizeBytes(String path) throws IOException;

    /** When a file was written to last, in milliseconds since 1970 by the clock of the machine; fails if it is missing. */
    long lastModifiedMs(String path) throws IOException;

    /**
     * Which file has that name: equal answers mean that it is the same file, which may have been written to in between,
     * and was not replaced by another. A store that does not know answers something new each time.
     */
    default Object identity(String path) throws IOException {
        return new Object();
    }

    /** Names (not paths) in a directory, sorted. */
    List<String> list(String directory) throws IOException;

    /** Makes a directory; its parent must exist. Does nothing where it exists. */
    void createDirectory(String path) throws IOException;

    /** Renames a file or directory; replaces a file of the new name. */
    void rename(String from, String to) throws IOException;

    /** Deletes a file or an empty directory; false if there was none. An open file stays readable until closed. */
    boolean delete(String path) throws IOException;

    /** Makes names in the directory durable. */
    void syncDirectory(String directory) throws IOException;

    /** Bytes that may still be written, about. */
    long usableBytes() throws IOException;

    /** Size of the disk, used or not. */
    long totalBytes() throws IOException;

    /**
     * Takes the lock of that name for this process and this store object. Empty if another holds it. Released by
     * closing, or by the death of the process.
     */
    Optional<Closeable> lock(String path) throws IOException;
}
