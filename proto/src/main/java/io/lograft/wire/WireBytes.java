package io.lograft.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lograft.model.TopicId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Bytes between protobuf messages and buffers, without copying where the message holds them in one piece, as parsed
 * messages do. Safe for use by several threads.
 */
public final class WireBytes {
    private WireBytes() {}

    /**
     * The bytes as a writable heap buffer that shares memory with the message. Whoever calls this takes the bytes over:
     * the message must not be used any more once the buffer is written to.
     */
    public static ByteBuffer take(ByteString bytes) {
        Taker taker = new Taker(bytes.size());
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, taker);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail", e);
        }
        return taker.result();
    }

    /** The buffer's remaining bytes as message bytes that share its memory; it must not be written to afterwards. */
    public static ByteString give(ByteBuffer buffer) {
        return UnsafeByteOperations.unsafeWrap(buffer);
    }

    /** A topic id for a message. */
    public static ByteString topicId(TopicId id) {
        return UnsafeByteOperations.unsafeWrap(id.toBytes());
    }

    /** A topic id from a message; throws IllegalArgumentException unless it has 16 bytes. */
    public static TopicId topicId(ByteString bytes) {
        if (bytes.size() != TopicId.SIZE_BYTES) {
            throw new IllegalArgumentException("a topic id has 16 bytes, not " + bytes.size());
        }
        return TopicId.fromBytes(bytes.toByteArray());
    }

    /** Keeps the first piece as it is, and gathers only where there are several. */
    private static final class Taker extends ByteOutput {
        private final int size;
        private ByteBuffer whole;
        private ByteBuffer gathered;

        private Taker(int size) {
            this.size = size;
        }

        private ByteBuffer result() {
            if (gathered != null) {
                return gathered.flip();
            }
            return whole == null ? ByteBuffer.allocate(0) : whole;
        }

        private void gather(ByteBuffer piece) {
            if (gathered == null) {
                gathered = ByteBuffer.allocate(size);
            }
            gathered.put(piece);
        }

        @Override
        public void write(byte value) {
            gather(ByteBuffer.wrap(new byte[] {value}));
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            gather(ByteBuffer.wrap(value, offset, length));
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (length == size) {
                whole = ByteBuffer.wrap(value, offset, length).slice();
            } else {
                gather(ByteBuffer.wrap(value, offset, length));
            }
        }

        @Override
        public void write(ByteBuffer value) {
            gather(value);
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            if (value.remaining() == size && value.hasArray() && !value.isReadOnly()) {
                whole = value.slice();
            } else {
                gather(value);
            }
        }
    }
}
