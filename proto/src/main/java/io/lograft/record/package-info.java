/**
 * The record batch format, on the wire and on disk: version 2 of Kafka's published record batch layout, and the older
 * message formats 0 and 1 for reading. Broker and client share it; {@code docs/format/record-batch.md} has the grammar.
 *
 * <p>Writing: {@link io.lograft.record.BatchBuilder}. Reading: {@link io.lograft.record.BatchReader} walks batches,
 * {@link io.lograft.record.RecordCursor} the records of one, {@link io.lograft.record.LegacyCursor} the older formats.
 * Checking: {@link io.lograft.record.BatchValidator}. Bad bytes are answered with a
 * {@link io.lograft.record.BatchFault}, never with an exception.
 *
 * <p>Pure: works on bytes in memory, does no I/O, knows neither clock nor thread. Uses the model and the codec
 * libraries. Builders, readers and cursors belong to one thread at a time.
 */
package io.lograft.record;
