/**
 * The commands {@code perf produce}, {@code perf consume} and {@code perf latency}: load on a topic, with rates,
 * latencies, CPU time and the durability settings that the figures were measured under.
 *
 * <p>{@link io.lograft.cli.perf.PerfCommand} is the entry. {@code PerfPayload}, {@code OffsetAudit}, {@code PayloadAudit},
 * {@code Pacer} and {@code LatencyLedger} decide and are pure; the rest talks to the cluster by the public SDK, on the
 * command's own thread. What is counted on the SDK's callback thread is in {@code ProduceTally} and {@code LatencyLedger}
 * alone; the latter is shared with the thread on which {@code LatencyRun} reads, too, and has a lock.
 */
package io.lograft.cli.perf;
