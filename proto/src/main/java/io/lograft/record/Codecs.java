package io.lograft.record;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;

/** Compresses and decompresses the records of a batch, in memory, in the framing that Kafka's clients use. */
final class Codecs {

    private static final int LZ4_CONTENT_SIZE_FLAG = 0x08;
    private static final int FIRST_GUESS_BYTES_MAX = 1 << 20;

    private Codecs() {}

    /** Thrown within this package when decompression would pass its bound. */
    static final class TooLargeException extends IOException {
        TooLargeException(int bytesMax) {
            super("expands to more than the bound of " + bytesMax + " bytes");
        }
    }

    /** The compressed form of {@code size} bytes from {@code position}, written behind what {@code sink} has. */
    static void compress(Compression codec, byte[] bytes, int position, int size, ByteArrayOutputStream sink) {
        try {
            switch (codec) {
                case NONE -> sink.write(bytes, position, size);
                case SNAPPY -> SnappyFraming.compress(bytes, position, size, sink);
                case GZIP, LZ4, ZSTD -> {
                    try (OutputStream out = compressor(codec, sink)) {
                        out.write(bytes, position, size);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("compressing in memory cannot fail", e);
        }
    }

    /**
     * The decompressed form of what lies between the position and the limit of {@code packed}, which has an array:
     * from position 0 to the limit of a buffer that has an array too. Throws IOException when it is damaged, and
     * TooLargeException when it has more than {@code bytesMax} bytes.
     */
    static ByteBuffer decompress(Compression codec, ByteBuffer packed, int bytesMax) throws IOException {
        try {
            return switch (codec) {
                case NONE -> packed.slice();
                case SNAPPY -> SnappyFraming.decompress(packed, bytesMax);
                case GZIP, LZ4, ZSTD -> {
                    InputStream source = new ByteArrayInputStream(
                            packed.array(), packed.arrayOffset() + packed.position(), packed.remaining());
                    try (InputStream in = decompressor(codec, source)) {
                        yield readAll(in, Math.max(512, packed.remaining()), bytesMax);
                    }
                }
            };
        } catch (LZ4Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * A copy with the right header checksum: in message format 0 Kafka's clients reckoned it over the magic number
     * too. Whatever is no LZ4 frame stays as it is.
     */
    static ByteBuffer withRepairedLz4Header(ByteBuffer packed) {
        byte[] frame = new byte[packed.remaining()];
        packed.get(packed.position(), frame);
        int descriptor = Integer.BYTES;
        boolean hasContentSize = frame.length > descriptor && (frame[descriptor] & LZ4_CONTENT_SIZE_FLAG) != 0;
        int descriptorSize = hasContentSize ? 2 + Long.BYTES : 2;
        if (frame.length > descriptor + descriptorSize) {
            int hash = XXHashFactory.fastestInstance().hash32().hash(frame, descriptor, descriptorSize, 0);
            frame[descriptor + descriptorSize] = (byte) (hash >> 8);
        }
        return ByteBuffer.wrap(frame);
    }

    private static OutputStream compressor(Compression codec, OutputStream sink) throws IOException {
        return switch (codec) {
            case GZIP -> new GZIPOutputStream(sink, 8 * 1024);
            case LZ4 ->
                new LZ4FrameOutputStream(
                        sink,
                        LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
            case ZSTD -> new ZstdOutputStreamNoFinalizer(sink);
            case NONE, SNAPPY -> throw new IllegalArgumentException(codec + " needs no stream");
        };
    }

    private static InputStream decompressor(Compression codec, InputStream source) throws IOException {
        return switch (codec) {
            case GZIP -> new GZIPInputStream(source, 8 * 1024);
            case LZ4 -> new LZ4FrameInputStream(source);
            case ZSTD -> new ZstdInputStreamNoFinalizer(source);
            case NONE, SNAPPY -> throw new IllegalArgumentException(codec + " needs no stream");
        };
    }

    private static ByteBuffer readAll(InputStream in, int packedBytes, int bytesMax) throws IOException {
        byte[] bytes = new byte[(int) Math.min(Math.min(4L * packedBytes, FIRST_GUESS_BYTES_MAX), bytesMax + 1L)];
        int size = 0;
        while (true) {
            int count = in.read(bytes, size, bytes.length - size);
            if (count < 0) {
                return ByteBuffer.wrap(bytes, 0, size);
            }
            size += count;
            if (size > bytesMax) {
                throw new TooLargeException(bytesMax);
            }
            if (size == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(2L * size, bytesMax + 1L));
            }
        }
    }
}
