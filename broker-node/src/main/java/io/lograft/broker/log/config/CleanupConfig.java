package io.lograft.broker.log.config;

/**
 * What becomes of old records.
 *
 * @param deletes old segments are deleted (the word "delete" in {@code cleanup.policy})
 * @param compacts of records with one key only the last is kept (the word "compact" there)
 */
public record CleanupConfig(boolean deletes, boolean compacts, RetentionConfig retention, CompactionConfig compaction) {

    /** The documented defaults: records are deleted after 7 days. */
    public static final CleanupConfig DEFAULTS =
            new CleanupConfig(true, false, RetentionConfig.DEFAULTS, CompactionConfig.DEFAULTS);

    public CleanupConfig {
        if (!deletes && !compacts) {
            throw new IllegalArgumentException("cleanup.policy is empty: must be delete, compact or both");
        }
    }
}
