/**
 * {@code lograft quickstart}: streams a real file through a three-broker cluster, kills a broker on the way, and proves
 * that nothing was lost, doubled or put out of order.
 *
 * <p>{@link io.lograft.cli.quickstart.QuickstartCommand} is the entry. What decides is pure and apart:
 * {@code LineKeys} (which key a line gets) and {@code LineAudit} (whether what was read is what was written).
 *
 * <p>Threading: the command's thread writes. Of the two members of the group that reads, one runs on a thread of its own and
 * the other one in a process, which is killed on the way.
 *
 * <p>May use {@code io.lograft.cli}, {@code io.lograft.cli.local} and the public SDK.
 */
package io.lograft.cli.quickstart;
