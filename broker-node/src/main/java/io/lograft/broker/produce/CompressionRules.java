package io.lograft.broker.produce;

import io.lograft.record.BatchRecoder;
import io.lograft.record.Compression;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which codec a topic's batches have on disk.
 *
 * @param type {@code compression.type}: the codec that all get; empty for {@code producer}, each keeps its own
 * @param levels {@code compression.gzip.level} and so on: at which level a codec is used where the broker uses it
 */
public record CompressionRules(Optional<Compression> type, Map<Compression, Integer> levels) {
    /** Key of the codec. */
    public static final String TYPE_KEY = "compression.type";

    /** Value of {@link #TYPE_KEY} that leaves batches as their producers made them. */
    public static final String PRODUCER = "producer";

    /** Value of {@link #TYPE_KEY} for no codec, as Kafka has it; {@code none} means the same. */
    public static final String UNCOMPRESSED = "uncompressed";

    /** Batches keep the codecs of their producers. */
    public static final CompressionRules DEFAULTS = new CompressionRules(Optional.empty(), Map.of());

    /** Throws IllegalArgumentException for a level that the codec does not have. */
    public CompressionRules {
        levels = Map.copyOf(levels);
        levels.forEach((codec, level) -> {
            if (!codec.hasLevel(level)) {
                throw new IllegalArgumentException(levelKey(codec) + "=" + level + ": must be from " + codec.levelMin()
                        + " to " + codec.levelMax());
            }
        });
    }

    /** Key of a codec's level. */
    public static String levelKey(Compression codec) {
        return "compression." + codec.label().toLowerCase(Locale.ROOT) + ".level";
    }

    /** The codec that a value of {@link #TYPE_KEY} names; empty for {@code producer}. */
    public static Optional<Compression> typeOf(String value) {
        return switch (value) {
            case PRODUCER -> Optional.empty();
            case UNCOMPRESSED -> Optional.of(Compression.NONE);
            default -> Optional.of(Compression.forLabel(value).orElseThrow());
        };
    }

    /** These with a topic's own settings over them; the quorum has checked their values. */
    CompressionRules with(Map<String, String> topic) {
        Map<Compression, Integer> merged = new EnumMap<>(Compression.class);
        merged.putAll(levels);
        for (Compression codec : Compression.values()) {
            String level = topic.get(levelKey(codec));
            if (level != null) {
                merged.put(codec, Integer.valueOf(level));
            }
        }
        String own = topic.get(TYPE_KEY);
        return new CompressionRules(own == null ? type : typeOf(own), merged);
    }

    /** What gives batches the topic's codec; empty where they keep their own. */
    Optional<BatchRecoder> recoder() {
        return type.map(codec -> new BatchRecoder(codec, levels.getOrDefault(codec, codec.levelDefault())));
    }
}
