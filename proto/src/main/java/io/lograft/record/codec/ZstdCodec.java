package io.lograft.record.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Zstandard frames. A reader keeps the last bytes of a frame, as many as its header claims to need: 128 MiB at most,
 * which is what zstd itself allows by default and what its highest level writes. The memory is taken as it fills, so a
 * frame takes no more than it expands to.
 */
public final class ZstdCodec implements Codec {
    private static final int WINDOW_BYTES_MAX = 1 << 27;
    private static final int LEVEL_DEFAULT = 3;

    @Override
    public int levelMin() {
        return Zstd.minCompressionLevel();
    }

    @Override
    public int levelMax() {
        return Zstd.maxCompressionLevel();
    }

    @Override
    public int levelDefault() {
        return LEVEL_DEFAULT;
    }

    @Override
    public void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink)
            throws IOException {
        // In one piece, as a stream that does not know its size takes hundreds of megabytes at the highest levels.
        byte[] packed = new byte[Math.toIntExact(Zstd.compressBound(size))];
        long packedSize = Zstd.compressByteArray(packed, 0, packed.length, bytes, position, size, level);
        if (Zstd.isError(packedSize)) {
            throw new IOException(Zstd.getErrorName(packedSize));
        }
        sink.write(packed, 0, (int) packedSize);
    }

    @Override
    public InputStream reader(byte[] bytes, int position, int size) throws IOException {
        return new Input(new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(bytes, position, size)));
    }

    /** Tells a frame that asks for too much memory from a damaged one. */
    private static final class Input extends FilterInputStream {
        private Input(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            try {
                return super.read(target, offset, count);
            } catch (ZstdIOException e) {
                if (e.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
                    throw new TooLargeException("has a zstd window of more than " + WINDOW_BYTES_MAX + " bytes");
                }
                throw e;
            } catch (ZstdException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
