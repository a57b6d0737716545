/**
 * From message formats 0 and 1 to record batches.
 *
 * <p>{@link io.lograft.record.legacy.LegacyConverter} turns what {@link io.lograft.record.LegacyCursor} reads into batches of
 * format version 2, as they are in a log. For migrations and for looking at old files; a broker takes batches only.
 *
 * <p>Pure: works on bytes in memory. Uses {@code record} and the model.
 */
package io.lograft.record.legacy;
