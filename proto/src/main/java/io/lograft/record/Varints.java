package io.lograft.record;

/** Zigzag varints as the batch format has them: sizes, and writing into an array. {@link VarintInput} reads them. */
final class Varints {

    private Varints() {}

    static int sizeOf(int value) {
        return sizeOfRaw(Integer.toUnsignedLong((value << 1) ^ (value >> 31)));
    }

    static int sizeOfLong(long value) {
        return sizeOfRaw((value << 1) ^ (value >> 63));
    }

    /** Writes at {@code position}, answers the position behind; the array must have room. */
    static int write(byte[] bytes, int position, int value) {
        int rest = (value << 1) ^ (value >> 31);
        int at = position;
        while ((rest & ~0x7f) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    /** Writes at {@code position}, answers the position behind; the array must have room. */
    static int writeLong(byte[] bytes, int position, long value) {
        long rest = (value << 1) ^ (value >> 63);
        int at = position;
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    /** How many bytes {@code String.getBytes(UTF_8)} makes of the text: a lone surrogate becomes one '?'. */
    static int utf8Size(String text) {
        int size = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                size++;
            } else if (c < 0x800) {
                size += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                size += 4;
                i++;
            } else {
                size += Character.isSurrogate(c) ? 1 : 3;
            }
        }
        return size;
    }

    private static int sizeOfRaw(long raw) {
        return (70 - Long.numberOfLeadingZeros(raw | 1)) / 7;
    }
}
