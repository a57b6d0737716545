package io.lograft.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * The framing of snappy-java's streams, which Kafka's clients use: a header of 16 bytes, then blocks, each a size of 4
 * bytes and a snappy block of at most 32 KiB of plain text. Written out here because snappy-java's own reader allocates
 * whatever size a block claims to have, and copies once more.
 */
final class SnappyFraming {

    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int MAGIC_START = 0x82534e41;
    private static final int HEADER_BYTES = 16;
    private static final int VERSION = 1;
    private static final int BLOCK_BYTES = 32 * 1024;

    private SnappyFraming() {}

    static void compress(byte[] bytes, int position, int size, ByteArrayOutputStream sink) throws IOException {
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

    static ByteBuffer decompress(ByteBuffer packed, int bytesMax) throws IOException {
        ByteBuffer in = packed.duplicate();
        passHeader(in);
        byte[] plain = new byte[0];
        int size = 0;
        while (in.hasRemaining()) {
            int block = nextBlock(in);
            int from = in.arrayOffset() + in.position();
            int plainSize = Snappy.uncompressedLength(in.array(), from, block);
            if (plainSize < 0 || plainSize > bytesMax - size) {
                throw new Codecs.TooLargeException(bytesMax);
            }
            if (plain.length < size + plainSize) {
                plain = Arrays.copyOf(plain, (int) Math.min(Math.max(size + plainSize, 2L * plain.length), bytesMax));
            }
            size += Snappy.uncompress(in.array(), from, block, plain, size);
            in.position(in.position() + block);
        }
        return ByteBuffer.wrap(plain, 0, size);
    }

    /** The size of the next block, which lies whole in what remains. Streams may be joined: headers in between. */
    private static int nextBlock(ByteBuffer in) throws IOException {
        while (in.remaining() >= Integer.BYTES && in.getInt(in.position()) == MAGIC_START) {
            passHeader(in);
        }
        int block = in.remaining() >= Integer.BYTES ? in.getInt() : -1;
        if (block <= 0 || block > in.remaining()) {
            throw new IOException("a block of " + block + " bytes, but " + in.remaining() + " follow");
        }
        return block;
    }

    private static void passHeader(ByteBuffer in) throws IOException {
        byte[] magic = new byte[MAGIC.length];
        if (in.remaining() < HEADER_BYTES) {
            throw new IOException("no stream header in " + in.remaining() + " bytes");
        }
        in.get(magic);
        int version = in.getInt();
        int compatibleVersion = in.getInt();
        if (!Arrays.equals(magic, MAGIC) || compatibleVersion > VERSION) {
            throw new IOException("no stream header of version " + VERSION + " but of " + version);
        }
    }
}
