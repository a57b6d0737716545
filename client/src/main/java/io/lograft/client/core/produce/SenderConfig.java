package io.lograft.client.core.produce;

/**
 * How a partition's batches are sent.
 *
 * @param inFlightMax greatest number of unacknowledged batches; the brokers recognise retries of the last five
 * @param lingerMs how long an open batch may wait for more records while others are in flight
 * @param deliveryTimeoutMs after this time since its first record a batch fails
 * @param suspectAfterMs after this time without an answer the leader is taken for hung, and metadata asked elsewhere
 * @param isIdempotent retries leave no duplicates; else only one batch is in flight, so that retries keep the order
 * @param isAnswered false for acks=none: a batch counts as done once it was sent
 * @param namedId the id of a producer with a name, which goes with the sequences that the records bring along; one batch is
 *     in flight then, because sequences with gaps cannot show that one in between got lost. {@link #NO_NAME} for others
 */
public record SenderConfig(
        int inFlightMax,
        long lingerMs,
        long deliveryTimeoutMs,
        long suspectAfterMs,
        boolean isIdempotent,
        boolean isAnswered,
        long namedId) {
    /** As many batches per producer and partition are remembered by the brokers. */
    public static final int IN_FLIGHT_MAX = 5;

    /** The id of a producer without a name. */
    public static final long NO_NAME = -1;

    public SenderConfig {
        if (inFlightMax < 1 || inFlightMax > IN_FLIGHT_MAX) {
            throw new IllegalArgumentException(
                    "batches in flight must be 1 to " + IN_FLIGHT_MAX + ", not " + inFlightMax);
        }
        if (lingerMs < 0 || deliveryTimeoutMs <= 0 || suspectAfterMs <= 0) {
            throw new IllegalArgumentException("times of a sender must be positive");
        }
        if (namedId != NO_NAME && (isIdempotent || !isAnswered)) {
            throw new IllegalArgumentException("a named producer brings its own sequences and needs answers");
        }
    }

    /** Of a producer without a name. */
    public SenderConfig(
            int inFlightMax,
            long lingerMs,
            long deliveryTimeoutMs,
            long suspectAfterMs,
            boolean isIdempotent,
            boolean isAnswered) {
        this(inFlightMax, lingerMs, deliveryTimeoutMs, suspectAfterMs, isIdempotent, isAnswered, NO_NAME);
    }

    public boolean isNamed() {
        return namedId != NO_NAME;
    }
}
