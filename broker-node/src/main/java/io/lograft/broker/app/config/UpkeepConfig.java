package io.lograft.broker.app.config;

import java.time.Duration;

/**
 * What is done with logs in the background.
 *
 * @param retentionCheckInterval how often it is looked for segments that have been kept for long enough
 * @param cleaner what compactions may take
 * @param moveBytesPerSecond how fast a replica is copied from one directory to another
 */
public record UpkeepConfig(Duration retentionCheckInterval, CleanerConfig cleaner, long moveBytesPerSecond) {}
