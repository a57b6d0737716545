/**
 * What becomes of a command: pure decisions from an image and a command to records and a reply.
 *
 * <p>{@link io.lograft.metadata.control.MetadataControl} is the entry; one class for each decision besides. Everything
 * here is deterministic, runs on each voter in log order, and answers a bad command with an error code instead of an
 * exception. This package uses {@code metadata.image}, {@code metadata.command} and {@code io.lograft.model}.
 */
package io.lograft.metadata.control;
