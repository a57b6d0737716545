package io.lograft.record.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.StreamingXXHash32;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * LZ4 frames of independent blocks. The reader is written out here because the library's own allocates what each frame's
 * header claims for its blocks, 4 MiB in 15 bytes, and once more for every frame that follows.
 *
 * <p>Levels as Kafka has them: 9, the default, is the fast compressor; all others are the dense one at that level.
 */
public final class Lz4Codec implements Codec {
    private static final int LEVEL_MIN = 1;
    private static final int LEVEL_MAX = 17;
    private static final int LEVEL_FAST = 9;

    private static final int MAGIC = 0x184D2204;
    private static final int VERSION_BITS = 0xc0;
    private static final int VERSION = 0x40;
    private static final int INDEPENDENT_BLOCKS = 0x20;
    private static final int BLOCK_CHECKSUMS = 0x10;
    private static final int CONTENT_SIZE = 0x08;
    private static final int CONTENT_CHECKSUM = 0x04;
    private static final int RESERVED_OR_DICTIONARY = 0x03;
    private static final int RAW_BLOCK = 1 << 31;

    /** A byte of a length counts 255 at most, so a block cannot expand to more than this many times its size. */
    private static final int RATIO_MAX = 255;

    private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

    @Override
    public int levelMin() {
        return LEVEL_MIN;
    }

    @Override
    public int levelMax() {
        return LEVEL_MAX;
    }

    @Override
    public int levelDefault() {
        return LEVEL_FAST;
    }

    @Override
    public void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink)
            throws IOException {
        LZ4Factory factory = LZ4Factory.fastestInstance();
        LZ4Compressor compressor = level == LEVEL_FAST ? factory.fastCompressor() : factory.highCompressor(level);
        try (OutputStream out = new LZ4FrameOutputStream(
                sink,
                LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                -1L,
                compressor,
                HASH,
                LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE)) {
            out.write(bytes, position, size);
        }
    }

    @Override
    public InputStream reader(byte[] bytes, int position, int size) throws IOException {
        return new Input(bytes, position, size, true);
    }

    /**
     * The same without a look at the checksum of the frame's header: in message format 0 Kafka's clients reckoned it over
     * the magic number too.
     */
    public static InputStream readerOfFormat0(byte[] bytes, int position, int size) throws IOException {
        return new Input(bytes, position, size, false);
    }

    private static final class Input extends BlockInput {
        private final ByteBuffer source;
        private final boolean verifiesHeader;
        private final LZ4SafeDecompressor decompressor =
                LZ4Factory.fastestInstance().safeDecompressor();
        private boolean isInFrame;
        private boolean hasBlockChecksums;
        private int blockBytesMax;
        private StreamingXXHash32 content;
        /** Bytes that the frame should still expand to; meaningless where it does not say how many. */
        private long contentLeft;

        private boolean hasContentSize;

        private Input(byte[] bytes, int position, int size, boolean verifiesHeader) throws IOException {
            super(bytes, position, size);
            this.source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            this.verifiesHeader = verifiesHeader;
            startFrame();
        }

        @Override
        int nextBlock() throws IOException {
            if (!isInFrame) {
                if (at == end) {
                    return -1;
                }
                startFrame();
            }
            int header = takeInt();
            if (header == 0) {
                endFrame();
                return 0;
            }
            int size = header & ~RAW_BLOCK;
            if (size == 0 || size > blockBytesMax || size > end - at) {
                throw new IOException("a block of " + size + " bytes in a frame with blocks of at most " + blockBytesMax
                        + ", and " + (end - at) + " bytes follow");
            }
            int from = at;
            at += size;
            if (hasBlockChecksums) {
                check("block", HASH.hash(packed, from, size, 0), takeInt());
            }
            int plain = header < 0 ? copy(from, size) : decompress(from, size);
            if (content != null) {
                content.update(room(plain), 0, plain);
            }
            contentLeft -= plain;
            return plain;
        }

        private int copy(int from, int size) {
            System.arraycopy(packed, from, room(size), 0, size);
            return size;
        }

        private int decompress(int from, int size) throws IOException {
            int plainMax = (int) Math.min(blockBytesMax, (long) RATIO_MAX * size + RATIO_MAX);
            try {
                return decompressor.decompress(packed, from, size, room(plainMax), 0, plainMax);
            } catch (LZ4Exception e) {
                throw new IOException("a block of " + size + " bytes cannot be decompressed: " + e.getMessage(), e);
            }
        }

        private void startFrame() throws IOException {
            int magic = takeInt();
            int descriptor = at;
            int flags = take(2) & 0xff;
            int blockSizeCode = (packed[descriptor + 1] & 0xff) >>> 4;
            boolean isKnown = magic == MAGIC
                    && (flags & VERSION_BITS) == VERSION
                    && (flags & RESERVED_OR_DICTIONARY) == 0
                    && (flags & INDEPENDENT_BLOCKS) != 0
                    && blockSizeCode >= 4
                    && blockSizeCode <= 7
                    && (packed[descriptor + 1] & 0x0f) == 0;
            if (!isKnown) {
                throw new IOException("no LZ4 frame of independent blocks, but magic " + Integer.toHexString(magic)
                        + ", flags " + Integer.toHexString(flags) + " and block size code " + blockSizeCode);
            }
            hasContentSize = (flags & CONTENT_SIZE) != 0;
            if (hasContentSize) {
                take(Long.BYTES);
                contentLeft = source.getLong(at - Long.BYTES);
            }
            int expected = HASH.hash(packed, descriptor, at - descriptor, 0) >>> 8 & 0xff;
            int found = take(1) & 0xff;
            if (verifiesHeader) {
                check("frame header", expected, found);
            }
            blockBytesMax = 1 << (8 + 2 * blockSizeCode);
            hasBlockChecksums = (flags & BLOCK_CHECKSUMS) != 0;
            content = (flags & CONTENT_CHECKSUM) == 0
                    ? null
                    : XXHashFactory.fastestInstance().newStreamingHash32(0);
            isInFrame = true;
        }

        private void endFrame() throws IOException {
            if (content != null) {
                check("content", content.getValue(), takeInt());
            }
            if (hasContentSize && contentLeft != 0) {
                throw new IOException("the frame expands to " + -contentLeft + " bytes more than it says");
            }
            isInFrame = false;
        }

        private static void check(String what, int expected, int found) throws IOException {
            if (expected != found) {
                throw new IOException("the checksum of the " + what + " is " + Integer.toHexString(expected)
                        + ", the frame says " + Integer.toHexString(found));
            }
        }

        /** Passes over so many bytes, and answers with the first of them. */
        private byte take(int bytes) throws IOException {
            if (end - at < bytes) {
                throw new IOException("the frame ends within " + bytes + " bytes that should follow");
            }
            at += bytes;
            return packed[at - bytes];
        }

        private int takeInt() throws IOException {
            take(Integer.BYTES);
            return source.getInt(at - Integer.BYTES);
        }
    }
}
