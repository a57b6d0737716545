package io.lograft.record.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** RFC 1952. Levels as zlib has them, of which -1 leaves the choice to zlib. */
public final class GzipCodec implements Codec {
    private static final int BUFFER_BYTES = 8 * 1024;

    @Override
    public int levelMin() {
        return Deflater.DEFAULT_COMPRESSION;
    }

    @Override
    public int levelMax() {
        return Deflater.BEST_COMPRESSION;
    }

    @Override
    public int levelDefault() {
        return Deflater.DEFAULT_COMPRESSION;
    }

    @Override
    public void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink)
            throws IOException {
        try (OutputStream out = new LeveledOutput(sink, level)) {
            out.write(bytes, position, size);
        }
    }

    @Override
    public InputStream reader(byte[] bytes, int position, int size) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(bytes, position, size), BUFFER_BYTES);
    }

    private static final class LeveledOutput extends GZIPOutputStream {
        private LeveledOutput(OutputStream sink, int level) throws IOException {
            super(sink, BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
