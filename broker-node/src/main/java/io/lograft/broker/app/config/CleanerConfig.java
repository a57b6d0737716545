package io.lograft.broker.app.config;

import java.time.Duration;

/**
 * What compactions may take.
 *
 * @param mapBytesMax memory for the newest offset of each key ({@code log.cleaner.dedupe.buffer.size})
 * @param bufferBytes memory for what is written ({@code log.cleaner.io.buffer.size})
 * @param bytesPerSecondMax limit of what is read and written ({@code log.cleaner.io.max.bytes.per.second})
 * @param backoff how long to wait once nothing is due ({@code log.cleaner.backoff.ms})
 */
public record CleanerConfig(long mapBytesMax, int bufferBytes, double bytesPerSecondMax, Duration backoff) {}
