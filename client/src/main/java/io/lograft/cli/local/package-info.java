/**
 * Clusters on this machine, for development: {@code local start} and its kin, and the {@code broker} commands.
 *
 * <p>{@link io.lograft.cli.local.LocalLayout} decides (ports, directories, configuration text) and touches nothing;
 * {@link io.lograft.cli.local.LocalCluster} does: it starts a process for each broker, asks whether they are ready,
 * stops and kills them. What it must remember lies in the cluster's directory, so every command finds the processes
 * that an earlier one started.
 *
 * <p>Codes of failures are those of {@link io.lograft.cli.CliFailure}.
 *
 * <p>Threading: one thread, that of the command.
 *
 * <p>May use {@code io.lograft.cli} and the JDK; brokers are other processes, so nothing of theirs is used here.
 */
package io.lograft.cli.local;
