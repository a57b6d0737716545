package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file. Reads may run on any thread, beside a writer; writing and truncating belong to one thread at a time. All
 * but {@link #close} and {@link #path} throw {@link java.nio.channels.ClosedChannelException} once the file is closed.
 */
public interface LogFile extends Closeable {

    /** The path it was opened under. */
    String path();

    /**
     * Fills the buffer from the position, as far as the file goes. Returns the number of bytes read, which is less than
     * remained in the buffer only where the file ends; 0 at or beyond its end.
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * Writes all of the sources, one after the other, from the position. After a failure any part of them may have been
     * written.
     */
    void write(long position, ByteBuffer... sources) throws IOException;

    /** Cuts the file; does nothing where it is not longer. */
    void truncate(long sizeBytes) throws IOException;

    /** Makes all bytes written so far durable. */
    void force() throws IOException;

    long sizeBytes() throws IOException;
}
