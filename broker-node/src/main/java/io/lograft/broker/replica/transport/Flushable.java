package io.lograft.broker.replica.transport;

/** Something that collects messages and sends them at once when told to. Safe for use by several threads. */
public interface Flushable {

    /** Sends what was collected; nothing where there is none. */
    void flush();
}
