package io.lograft.record;

import io.lograft.record.codec.Codec;
import io.lograft.record.codec.GzipCodec;
import io.lograft.record.codec.Lz4Codec;
import io.lograft.record.codec.NoCodec;
import io.lograft.record.codec.SnappyCodec;
import io.lograft.record.codec.ZstdCodec;
import java.util.List;
import java.util.Optional;

/** How the records of a batch are compressed. The numbers stand in bits 0 to 2 of a batch's attributes. */
public enum Compression {
    NONE(0, "none", new NoCodec()),
    GZIP(1, "gzip", new GzipCodec()),
    SNAPPY(2, "snappy", new SnappyCodec()),
    LZ4(3, "lz4", new Lz4Codec()),
    ZSTD(4, "zstd", new ZstdCodec());

    private static final List<Compression> BY_BITS = List.of(values());

    private final int bits;
    private final String label;
    private final Codec codec;

    Compression(int bits, String label, Codec codec) {
        this.bits = bits;
        this.label = label;
        this.codec = codec;
    }

    /** The codec's number in the attributes of a batch. */
    public int bits() {
        return bits;
    }

    /** The codec's name in configuration and on the command line. */
    public String label() {
        return label;
    }

    /** The least level, the fastest; codecs without levels have 0 only. */
    public int levelMin() {
        return codec.levelMin();
    }

    /** The greatest level, the densest. */
    public int levelMax() {
        return codec.levelMax();
    }

    /** The level where none is asked for. */
    public int levelDefault() {
        return codec.levelDefault();
    }

    /** True if the codec has this level. */
    public boolean hasLevel(int level) {
        return level >= levelMin() && level <= levelMax();
    }

    Codec codec() {
        return codec;
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
