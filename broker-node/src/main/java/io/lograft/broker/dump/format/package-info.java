/**
 * What {@code log dump} prints: {@link io.lograft.broker.dump.format.Document}s, made of batches, records and entries, and
 * their two forms, text for people and JSON for programs. Field names are kept: scripts rely on them. Pure: no files, no
 * streams; may use the batch format and the records of the group log.
 */
package io.lograft.broker.dump.format;
