/**
 * Commands, records and replies as bytes ({@code metadata_log.proto}).
 *
 * <p>The bytes are those of the Raft log, of the store and of the controller's stream of changes. What a reader does
 * not know is an exception that names it: a voter that skipped a command would hold another state than the others, so
 * it stops instead. Stateless; any thread.
 */
package io.lograft.metadata.codec;
