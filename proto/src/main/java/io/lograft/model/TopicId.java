package io.lograft.model;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The random 128-bit identity of a topic, made once when the topic is created. A topic made anew under an old name has
 * another id. Ordered as unsigned 128-bit numbers, so that iteration over ids is the same everywhere.
 */
public record TopicId(long high, long low) implements Comparable<TopicId> {

    /** Size of the wire form, in bytes. */
    public static final int SIZE_BYTES = 16;

    /** Reads the wire form; throws IllegalArgumentException unless the array has 16 bytes. */
    public static TopicId fromBytes(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a topic id has 16 bytes, not " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new TopicId(buffer.getLong(), buffer.getLong());
    }

    /** Reads what {@link #toString} wrote; throws IllegalArgumentException for anything else. */
    public static TopicId parse(String text) {
        return fromBytes(HexFormat.of().parseHex(text));
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(SIZE_BYTES).putLong(high).putLong(low).array();
    }

    @Override
    public int compareTo(TopicId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
