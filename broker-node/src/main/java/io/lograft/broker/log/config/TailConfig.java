package io.lograft.broker.log.config;

import java.time.Duration;

/**
 * Recently appended bytes that are kept in memory for readers.
 *
 * @param bytesMax at most so many; 0 for none
 * @param age at most so long
 * @param room what the tails of all logs may have together
 */
public record TailConfig(int bytesMax, Duration age, TailRoom room) {
    /** 4 MiB of each log for 10 seconds, and of all logs together a quarter of the greatest heap. */
    public static final TailConfig DEFAULTS = new TailConfig(
            4 << 20, Duration.ofSeconds(10), new TailRoom(Runtime.getRuntime().maxMemory() / 4));

    public TailConfig {
        if (bytesMax < 0 || age.isNegative()) {
            throw new IllegalArgumentException(
                    "tail bytes " + bytesMax + ", tail age ms " + age.toMillis() + ": must be 0 or more");
        }
    }
}
