/**
 * The command {@code perf failover}: a steady load on a topic while brokers are killed, paused, stopped and restarted,
 * and for how long that keeps clients from writing.
 *
 * <p>{@link io.lograft.cli.failover.FailoverCommand} is the entry; {@code Trial} does one event from a calm cluster to a
 * healed one. {@code Window} counts and is pure. Two threads besides the command's own: that of {@code SteadyLoad}, and
 * the SDK's callback thread; what they share is guarded by the window's lock.
 */
package io.lograft.cli.failover;
