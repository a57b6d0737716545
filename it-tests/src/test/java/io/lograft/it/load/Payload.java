package io.lograft.it.load;

import io.lograft.client.ConsumerRecord;
import java.nio.ByteBuffer;

/** What record number {@code n} looks like: its key is {@code n mod KEYS}, and all its bytes follow from {@code n}. */
final class Payload {
    /** A multiple of every number of producers, so that each key belongs to one producer. */
    static final int KEYS = 120;

    private static final int VALUE_BYTES = 200;

    private Payload() {}

    static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number % KEYS).array();
    }

    static byte[] value(int number) {
        ByteBuffer value = ByteBuffer.allocate(VALUE_BYTES).putInt(number);
        long state = number * 0x9E3779B97F4A7C15L + 1;
        while (value.remaining() >= 8) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            value.putLong(state);
        }
        return value.array();
    }

    /** The number of a record that was read; -1 if it is not, byte for byte, one that we write. */
    static int numberOf(ConsumerRecord record) {
        ByteBuffer value = record.valueBuffer();
        if (value == null || value.remaining() != VALUE_BYTES || !record.hasKey()) {
            return -1;
        }
        int number = value.getInt(value.position());
        boolean isOurs = number >= 0
                && value.equals(ByteBuffer.wrap(value(number)))
                && record.keyBuffer().equals(ByteBuffer.wrap(key(number)));
        return isOurs ? number : -1;
    }
}
