package io.lograft.broker.metrics;

import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/** The metrics in Micrometer's registry, read in the text format of Prometheus. Safe for use by several threads. */
public final class MicrometerMetrics implements BrokerMetrics, AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
    /** The registry itself holds on to what it asks by weak references only. */
    private final List<DoubleSupplier> counted = new CopyOnWriteArrayList<>();

    private final Counter producedRecords = counter(MetricNames.PRODUCED_RECORDS, "Records appended for clients");
    private final Counter producedBytes = counter(MetricNames.PRODUCED_BYTES, "Bytes appended for clients");
    private final Counter refused = counter(MetricNames.PRODUCE_REFUSED, "Batches of clients that were refused");
    private final Counter replicatedBytes = counter(MetricNames.REPLICATED_BYTES, "Bytes appended as a follower");
    private final Counter fetchedBytes = counter(MetricNames.FETCHED_BYTES, "Bytes pushed to readers");
    private final Counter deletedSegments =
            counter(MetricNames.DELETED_SEGMENTS, "Segments that left a log by retention or deletion of records");
    private final Counter deletedBytes = counter(MetricNames.DELETED_BYTES, "Bytes of such segments");
    private final Counter uncleanElections =
            counter(MetricNames.UNCLEAN_ELECTIONS, "Times that this broker was made a leader uncleanly");
    private final Timer appendTime = timer(MetricNames.APPEND_TIME, "Append of a batch to the page cache");
    private final Timer flushTime = timer(MetricNames.FLUSH_TIME, "A round of fsyncs of one partition");
    private final Timer commitTime = timer(MetricNames.COMMIT_TIME, "From a batch's arrival to its acknowledgement");

    /** Begins to measure the process, too. */
    public MicrometerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gcMetrics.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentiles(0.5, 0.99, 0.999)
                .register(registry);
    }

    /** Counts and times the calls of a gRPC server. */
    public ServerInterceptor grpcInterceptor() {
        return new MetricCollectingServerInterceptor(registry);
    }

    /** Everything in the text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void produced(int records, int bytes) {
        producedRecords.increment(records);
        producedBytes.increment(bytes);
    }

    @Override
    public void produceRefused() {
        refused.increment();
    }

    @Override
    public void replicated(int bytes) {
        replicatedBytes.increment(bytes);
    }

    @Override
    public void fetched(int bytes) {
        fetchedBytes.increment(bytes);
    }

    @Override
    public void deleted(long bytes) {
        deletedSegments.increment();
        deletedBytes.increment((double) bytes);
    }

    @Override
    public void appendTook(long nanos) {
        appendTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void flushTook(long nanos) {
        flushTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void commitTook(long nanos) {
        commitTime.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void uncleanElection() {
        uncleanElections.increment();
    }

    @Override
    public void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void counter(String name, String description, DoubleSupplier value) {
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .register(registry);
        counted.add(value);
    }

    @Override
    public void close() {
        gcMetrics.close();
        registry.close();
    }
}
