package io.lograft.broker.controller;

import io.lograft.metadata.ratis.VoterSet;
import io.lograft.proto.v1.ProbeResponse;

/** What the controller's service tells of the broker that it is in. Safe for use by several threads. */
public interface BrokerFacts {

    /** Who this process is. */
    ProbeResponse identity();

    /** The voters as this broker's session has heard of them last. */
    VoterSet knownVoters();
}
