/**
 * What is needed to bring a replica's files from one log directory to another: a copy that is made while the log is in use
 * ({@link io.lograft.broker.log.move.ReplicaCopy}), and its names on the way
 * ({@link io.lograft.broker.log.move.FutureReplicas}).
 *
 * <p>Threading: each object is used by one thread at a time.
 *
 * <p>May use only the port to the disk and the model.
 */
package io.lograft.broker.log.move;
