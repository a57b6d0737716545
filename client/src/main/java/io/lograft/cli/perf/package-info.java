/**
 * The commands {@code perf produce} and {@code perf consume}: load on a topic, with rates, latencies, CPU time and the
 * durability settings that the figures were measured under.
 *
 * <p>{@link io.lograft.cli.perf.PerfCommand} is the entry. {@code PerfPayload}, {@code OffsetAudit}, {@code PayloadAudit}
 * and {@code Pacer} decide and are pure; the rest talks to the cluster by the public SDK, on the command's own thread.
 * What is counted on the SDK's callback thread is in {@code ProduceTally} alone.
 */
package io.lograft.cli.perf;
