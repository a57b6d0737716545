package io.lograft.broker.produce;

import java.util.Map;
import java.util.Objects;

/**
 * What a topic asks of the batches that clients send.
 *
 * @param batchBytesMax {@code max.message.bytes}: greatest size of a batch, as sent and as it is on disk
 * @param areKeysNeeded true for a compacted topic, which would lose a record without a key
 */
public record ProduceRules(
        int batchBytesMax, CompressionRules compression, TimestampRules timestamps, boolean areKeysNeeded) {
    private static final String BATCH_BYTES_MAX_KEY = "max.message.bytes";

    public ProduceRules {
        Objects.requireNonNull(compression, "compression");
        Objects.requireNonNull(timestamps, "timestamps");
    }

    /** Records may come without a key. */
    public ProduceRules(int batchBytesMax, CompressionRules compression, TimestampRules timestamps) {
        this(batchBytesMax, compression, timestamps, false);
    }

    /** The same for a compacted topic. */
    public ProduceRules requiringKeys() {
        return new ProduceRules(batchBytesMax, compression, timestamps, true);
    }

    /** Nothing but a size. */
    public static ProduceRules of(int batchBytesMax) {
        return new ProduceRules(batchBytesMax, CompressionRules.DEFAULTS, TimestampRules.ANY);
    }

    /**
     * These, which are the broker's, with a topic's own settings over them; the quorum has checked their values.
     *
     * @param isAppendTime the leader stamps the records, so what producers say of their time is not looked at
     */
    public ProduceRules with(Map<String, String> topic, boolean isAppendTime) {
        String own = topic.get(BATCH_BYTES_MAX_KEY);
        return new ProduceRules(
                own == null ? batchBytesMax : Integer.parseInt(own),
                compression.with(topic),
                isAppendTime ? TimestampRules.ANY : timestamps.with(topic));
    }
}
