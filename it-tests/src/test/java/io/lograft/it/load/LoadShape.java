package io.lograft.it.load;

import java.time.Duration;

/**
 * How a load is made. {@code -Dit.records} and {@code -Dit.rate} change the defaults.
 *
 * @param producers each with keys of its own
 * @param watchers consumers that read all partitions from the beginning as the records come; the first one goes on at
 *     the end, the others start anew at earlier offsets again and again
 * @param recordsMin records that are written at least
 * @param rate records per second of all producers together; 0 for as many as go
 * @param deliveryTimeout after which a record fails
 */
public record LoadShape(int producers, int watchers, int recordsMin, int rate, Duration deliveryTimeout) {
    public static final LoadShape DEFAULT = new LoadShape(
            2,
            2,
            Integer.getInteger("it.records", 200_000),
            Integer.getInteger("it.rate", 8_000),
            Duration.ofMinutes(5));

    public LoadShape {
        if (producers < 1 || Payload.KEYS % producers != 0) {
            throw new IllegalArgumentException(producers + " producers cannot share " + Payload.KEYS + " keys");
        }
    }

    /** The same with other numbers. */
    public LoadShape of(int records, int recordsPerSecond) {
        return new LoadShape(producers, watchers, records, recordsPerSecond, deliveryTimeout);
    }
}
