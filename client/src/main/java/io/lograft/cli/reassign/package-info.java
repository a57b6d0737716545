/**
 * {@code partition reassign …} and {@code broker decommission}: other replicas for partitions. {@link
 * io.lograft.cli.reassign.ReassignCommand} and {@link io.lograft.cli.reassign.DecommissionCommand} are the entries.
 *
 * <p>What moves where is decided by pure code ({@code ReassignmentPlan}, {@code DecommissionPlan}), which does the same
 * for the same input; the commands ask the cluster, print, and wait. Runs on the main thread; uses the public SDK only.
 */
package io.lograft.cli.reassign;
