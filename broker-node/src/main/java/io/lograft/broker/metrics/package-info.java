/**
 * What a broker measures of itself. Components see the small port {@link io.lograft.broker.metrics.BrokerMetrics} and
 * nothing of the library behind it; names and units are in {@link io.lograft.broker.metrics.MetricNames}.
 */
package io.lograft.broker.metrics;
