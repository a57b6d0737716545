package io.lograft.broker.api;

import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;

/** What this broker knows of the cluster now. Safe for use by several threads. */
public interface ClusterState {

    /** The broker that answers. */
    BrokerId self();

    /** The newest metadata here. */
    ClusterImage image();

    /** The controller, where one is known. */
    Optional<BrokerId> controller();

    /** Brokers that vote in the metadata quorum, ascending. */
    List<BrokerId> voters();
}
