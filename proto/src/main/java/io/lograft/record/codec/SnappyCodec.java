package io.lograft.record.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * The framing of snappy-java's streams, which Kafka's clients use: a header of 16 bytes, then blocks, each a size of 4
 * bytes and a snappy block of at most 32 KiB of plain text. Written out here because snappy-java's own reader allocates
 * whatever size a block claims to have. There are no levels.
 */
public final class SnappyCodec implements Codec {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int MAGIC_START = 0x82534e41;
    private static final int HEADER_BYTES = 16;
    private static final int VERSION = 1;
    private static final int BLOCK_BYTES = 32 * 1024;

    /** Three bytes copy 64 at most, so a block cannot expand to more than this many times its size. */
    private static final int RATIO_MAX = 22;

    @Override
    public int levelMin() {
        return 0;
    }

    @Override
    public int levelMax() {
        return 0;
    }

    @Override
    public int levelDefault() {
        return 0;
    }

    @Override
    public void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink)
            throws IOException {
        sink.write(MAGIC);
        sink.write(ByteBuffer.allocate(8).putInt(VERSION).putInt(VERSION).array());
        byte[] block = new byte[Integer.BYTES + Snappy.maxCompressedLength(Math.min(size, BLOCK_BYTES))];
        for (int from = position; from < position + size; from += BLOCK_BYTES) {
            int plain = Math.min(BLOCK_BYTES, position + size - from);
            int packed = Snappy.compress(bytes, from, plain, block, Integer.BYTES);
            ByteBuffer.wrap(block).putInt(packed);
            sink.write(block, 0, Integer.BYTES + packed);
        }
    }

    @Override
    public InputStream reader(byte[] bytes, int position, int size) throws IOException {
        return new Input(bytes, position, size);
    }

    private static final class Input extends BlockInput {
        private Input(byte[] bytes, int position, int size) throws IOException {
            super(bytes, position, size);
            passHeader();
        }

        @Override
        int nextBlock() throws IOException {
            // Streams may be joined, with headers in between.
            while (end - at >= Integer.BYTES && intAt(at) == MAGIC_START) {
                passHeader();
            }
            if (at == end) {
                return -1;
            }
            int size = end - at >= Integer.BYTES ? intAt(at) : -1;
            if (size <= 0 || size > end - at - Integer.BYTES) {
                throw new IOException("a block of " + size + " bytes, but " + (end - at) + " follow");
            }
            int from = at + Integer.BYTES;
            int plain = Snappy.uncompressedLength(packed, from, size);
            if (plain < 0 || plain > (long) RATIO_MAX * size) {
                throw new IOException("a block of " + size + " bytes cannot expand to " + plain);
            }
            at = from + size;
            return Snappy.uncompress(packed, from, size, room(plain), 0);
        }

        private void passHeader() throws IOException {
            if (end - at < HEADER_BYTES) {
                throw new IOException("no stream header in " + (end - at) + " bytes");
            }
            int version = intAt(at + MAGIC.length);
            int compatibleVersion = intAt(at + MAGIC.length + Integer.BYTES);
            if (!Arrays.equals(packed, at, at + MAGIC.length, MAGIC, 0, MAGIC.length) || compatibleVersion > VERSION) {
                throw new IOException("no stream header of version " + VERSION + " but of " + version);
            }
            at += HEADER_BYTES;
        }

        private int intAt(int index) {
            return ByteBuffer.wrap(packed).getInt(index);
        }
    }
}
