package io.lograft.record.codec;

import java.io.IOException;
import java.io.InputStream;

/** A stream that is decompressed block by block, each into the same array, which grows to what blocks really hold. */
abstract class BlockInput extends InputStream {
    /** The compressed bytes, and where the next block is looked for. */
    final byte[] packed;

    int at;
    final int end;

    private byte[] plain = new byte[0];
    private int position;
    private int limit;

    BlockInput(byte[] bytes, int position, int size) {
        this.packed = bytes;
        this.at = position;
        this.end = position + size;
    }

    /** Has {@link #room} filled from the next block, and answers with how many bytes; -1 at the end. */
    abstract int nextBlock() throws IOException;

    /** An array of at least so many bytes, for the next block. */
    final byte[] room(int bytes) {
        if (plain.length < bytes) {
            plain = new byte[bytes];
        }
        return plain;
    }

    @Override
    public final int read() throws IOException {
        return isAtEnd() ? -1 : plain[position++] & 0xff;
    }

    @Override
    public final int read(byte[] target, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (isAtEnd()) {
            return -1;
        }
        int taken = Math.min(count, limit - position);
        System.arraycopy(plain, position, target, offset, taken);
        position += taken;
        return taken;
    }

    private boolean isAtEnd() throws IOException {
        while (position == limit) {
            int size = nextBlock();
            if (size < 0) {
                return true;
            }
            position = 0;
            limit = size;
        }
        return false;
    }
}
