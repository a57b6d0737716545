/**
 * The words of the metadata log: commands that ask for a change, the records that a change consists of, and replies.
 *
 * <p>Everything that is not the same on each voter (times, random ids, choices that depend on the outside) is in the
 * command before it enters the log. A {@link io.lograft.metadata.command.MetadataRecord} is the complete new state of
 * one entity or its removal, so that the list of all records of the present state is the state. Pure immutable values;
 * this package uses {@code io.lograft.model} alone.
 */
package io.lograft.metadata.command;
