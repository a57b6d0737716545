package io.lograft.broker.metrics;

import java.util.function.DoubleSupplier;

/** Where components report what they did. Safe for use by several threads; never blocks, never fails. */
public interface BrokerMetrics {

    /** Forgets everything. */
    BrokerMetrics NONE = new BrokerMetrics() {
        @Override
        public void produced(int records, int bytes) {}

        @Override
        public void produceRefused() {}

        @Override
        public void replicated(int bytes) {}

        @Override
        public void fetched(int bytes) {}

        @Override
        public void deleted(long bytes) {}

        @Override
        public void appendTook(long nanos) {}

        @Override
        public void flushTook(long nanos) {}

        @Override
        public void commitTook(long nanos) {}

        @Override
        public void uncleanElection() {}

        @Override
        public void gauge(String name, String description, DoubleSupplier value) {}

        @Override
        public void counter(String name, String description, DoubleSupplier value) {}
    };

    /** A batch of a client was appended. */
    void produced(int records, int bytes);

    /** A batch of a client was refused. */
    void produceRefused();

    /** Batches of a leader were appended. */
    void replicated(int bytes);

    /** Batches were pushed to a reader. */
    void fetched(int bytes);

    /** A segment left its log and was deleted, as retention or somebody who deletes records wanted. */
    void deleted(long bytes);

    /** An append to the page cache. */
    void appendTook(long nanos);

    /** One round of fsyncs of one partition. */
    void flushTook(long nanos);

    /** From a batch's arrival to its acknowledgement, acks=all. */
    void commitTook(long nanos);

    /** This broker was made a leader from outside the in-sync and the eligible set. */
    void uncleanElection();

    /** Registers a value that is asked for whenever somebody looks. */
    void gauge(String name, String description, DoubleSupplier value);

    /** Registers a count that only grows, and is asked for whenever somebody looks. */
    void counter(String name, String description, DoubleSupplier value);
}
