package io.lograft.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One record of a batch. It points into the bytes of its batch and keeps them alive; key, value and headers are copied
 * out or decoded only when asked for, each time anew. Its structure was checked when it was read, so no method fails.
 * Immutable as long as nobody writes to the bytes of the batch.
 */
public final class DecodedRecord {

    /**
     * Where the variable parts lie in the batch's bytes; a size of -1 is null. A reader fills one and the same for every
     * record, so that a record costs one allocation.
     */
    static final class Layout {
        int keyPosition;
        int keySize;
        int valuePosition;
        int valueSize;
        int headersPosition;
        int headerCount;
        int contentPosition;
        int endPosition;
    }

    private final byte[] bytes;
    private final long offset;
    private final long timestampMs;
    private final int keyPosition;
    private final int keySize;
    private final int valuePosition;
    private final int valueSize;
    private final int headersPosition;
    private final int headerCount;
    private final int contentPosition;
    private final int endPosition;

    DecodedRecord(byte[] bytes, long offset, long timestampMs, Layout layout) {
        this.bytes = bytes;
        this.offset = offset;
        this.timestampMs = timestampMs;
        this.keyPosition = layout.keyPosition;
        this.keySize = layout.keySize;
        this.valuePosition = layout.valuePosition;
        this.valueSize = layout.valueSize;
        this.headersPosition = layout.headersPosition;
        this.headerCount = layout.headerCount;
        this.contentPosition = layout.contentPosition;
        this.endPosition = layout.endPosition;
    }

    public long offset() {
        return offset;
    }

    /** Milliseconds since the epoch: when it was created or appended, as the batch's timestamp type says; -1 for none. */
    public long timestampMs() {
        return timestampMs;
    }

    public boolean hasKey() {
        return keySize >= 0;
    }

    public boolean hasValue() {
        return valueSize >= 0;
    }

    /** Size of the key in bytes, -1 for a null key. */
    public int keySizeBytes() {
        return keySize;
    }

    /** Size of the value in bytes, -1 for a null value. */
    public int valueSizeBytes() {
        return valueSize;
    }

    /** A copy of the key, or null. */
    public byte[] key() {
        return copy(keyPosition, keySize);
    }

    /** A copy of the value, or null. */
    public byte[] value() {
        return copy(valuePosition, valueSize);
    }

    /** The key in place, read-only, or null. For short keys {@link #key} is faster. */
    public ByteBuffer keyBuffer() {
        return view(keyPosition, keySize);
    }

    /** The value in place, read-only, or null. */
    public ByteBuffer valueBuffer() {
        return view(valuePosition, valueSize);
    }

    /** The array that the record lies in, to be read only: a way around copies for code that looks at many keys. */
    public byte[] array() {
        return bytes;
    }

    /** Where the key begins in {@link #array}. */
    public int keyPosition() {
        return keyPosition;
    }

    /** Where the part begins that does not depend on the record's place in its batch: key, value and headers. */
    int contentPosition() {
        return contentPosition;
    }

    /** Where the record ends. */
    int endPosition() {
        return endPosition;
    }

    public int headerCount() {
        return headerCount;
    }

    /** The headers in the order in which they were written; their values are copies. */
    public List<RecordHeader> headers() {
        if (headerCount == 0) {
            return List.of();
        }
        List<RecordHeader> headers = new ArrayList<>(headerCount);
        VarintInput input = new VarintInput(bytes, headersPosition, bytes.length);
        for (int i = 0; i < headerCount; i++) {
            int nameSize = input.varint();
            String name = new String(bytes, input.position(), nameSize, StandardCharsets.UTF_8);
            input.skip(nameSize);
            int size = input.varint();
            headers.add(new RecordHeader(name, copy(input.position(), size)));
            input.skip(size);
        }
        return headers;
    }

    private byte[] copy(int position, int size) {
        return size < 0 ? null : Arrays.copyOfRange(bytes, position, position + size);
    }

    private ByteBuffer view(int position, int size) {
        return size < 0 ? null : ByteBuffer.wrap(bytes, position, size).slice().asReadOnlyBuffer();
    }
}
