package io.lograft.record;

import java.util.List;
import java.util.Optional;

/** How the records of a batch are compressed. The numbers stand in bits 0 to 2 of a batch's attributes. */
public enum Compression {
    NONE(0, "none"),
    GZIP(1, "gzip"),
    SNAPPY(2, "snappy"),
    LZ4(3, "lz4"),
    ZSTD(4, "zstd");

    private static final List<Compression> BY_BITS = List.of(values());

    private final int bits;
    private final String label;

    Compression(int bits, String label) {
        this.bits = bits;
        this.label = label;
    }

    /** The codec's number in the attributes of a batch. */
    public int bits() {
        return bits;
    }

    /** The codec's name in configuration and on the command line. */
    public String label() {
        return label;
    }

    /** The codec with this number; empty for a number that names none. */
    public static Optional<Compression> forBits(int bits) {
        return bits >= 0 && bits < BY_BITS.size() ? Optional.of(BY_BITS.get(bits)) : Optional.empty();
    }

    /** The codec with this name, in any case; empty for any other text. */
    public static Optional<Compression> forLabel(String label) {
        return BY_BITS.stream().filter(c -> c.label.equalsIgnoreCase(label)).findFirst();
    }
}
