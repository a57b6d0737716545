package io.lograft.broker.controller;

import io.lograft.metadata.command.BrokerRef;
import java.util.List;

/** What the controller is to do about brokers that may be gone. */
public sealed interface LivenessEffect {

    /** Submit FenceBrokers for these, as one command. Comes again after a while, if the image does not show it done. */
    record Fence(List<BrokerRef> brokers) implements LivenessEffect {
        public Fence {
            brokers = List.copyOf(brokers);
        }
    }

    /**
     * Ask at the broker's port for its broker epoch, and report the answer to {@link BrokerLiveness#answered}, or that
     * nobody listens there to {@link BrokerLiveness#absent}.
     */
    record Probe(BrokerRef broker) implements LivenessEffect {}
}
