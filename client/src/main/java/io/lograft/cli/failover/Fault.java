package io.lograft.cli.failover;

import java.io.IOException;

/** An event that is about to happen, and how the cluster is made whole after it. Used once, by one thread. */
interface Fault {
    /** What it hits, for the report: a broker's id, or a word. */
    String victim();

    /** Does it; an orderly one returns when it is over. */
    void strike() throws IOException, InterruptedException;

    /** True where {@link #heal} has something to do. */
    boolean isHealed();

    /** Makes the cluster whole: returns once what was ended runs again. */
    void heal() throws IOException, InterruptedException;
}
