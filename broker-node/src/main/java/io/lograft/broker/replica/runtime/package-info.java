/**
 * Runs replicas: {@link io.lograft.broker.replica.runtime.PartitionRegistry} holds one
 * {@link io.lograft.broker.replica.runtime.PartitionRuntime} for each replica of this broker. A runtime belongs to one
 * event loop; it delivers events to the pure {@code PartitionReplica}, and executes the effects on the log, the streams
 * and the requests that wait. What many partitions want to send is collected during a batch of loop tasks and sent once.
 */
package io.lograft.broker.replica.runtime;
