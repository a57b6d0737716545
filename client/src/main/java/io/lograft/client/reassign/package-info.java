/**
 * How an {@link io.lograft.client.Admin} gives partitions other replicas: what is asked for ({@link
 * io.lograft.client.reassign.ReassignmentOptions}) and what became of it ({@link
 * io.lograft.client.reassign.ReassignmentOutcome}). {@link io.lograft.client.reassign.ReassignmentCalls} asks, in
 * requests of bounded size; it is for the Admin alone.
 *
 * <p>Threading: immutable records; the calls may be made by any thread.
 */
package io.lograft.client.reassign;
