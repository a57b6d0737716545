package io.lograft.record.codec;

import com.google.errorprone.annotations.Immutable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** One way to compress the records of a batch. Stateless, for any thread. */
@Immutable
public interface Codec {

    /** The least level, the fastest. */
    int levelMin();

    /** The greatest level, the densest. */
    int levelMax();

    /** The level where none is asked for. */
    int levelDefault();

    /** Writes the compressed form of {@code size} bytes from {@code position} behind what the sink has. */
    void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink) throws IOException;

    /**
     * The decompressed form of {@code size} bytes from {@code position}, as a stream. Opening it and reading from it
     * throw IOException where the bytes are damaged, and {@link TooLargeException} where they ask for too much memory.
     */
    InputStream reader(byte[] bytes, int position, int size) throws IOException;
}
