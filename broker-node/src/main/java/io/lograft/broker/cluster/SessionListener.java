package io.lograft.broker.cluster;

import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.wire.RemoteError;
import java.util.Set;

/** Hears how the session with the controller goes. Called on the metadata loop; must not block. */
public interface SessionListener {

    /**
     * A controller accepted the registration.
     *
     * @param resumed false: the epoch is new, the broker is fenced, and is to call {@link BrokerSession#unfence} once
     *     it has recovered and has the metadata up to that index; true: it goes on as before
     */
    void registered(long brokerEpoch, boolean resumed);

    /** The stream to the controller broke or fell silent; the session looks for a controller by itself. */
    void disconnected();

    /** The controller tells who the voters of the metadata quorum are, and whose log stands still. */
    void votersKnown(VoterSet voters, Set<BrokerId> stalled);

    /** The controller's clock on the wall said this a moment ago; 0 where it does not tell. */
    void clockHeard(long controllerWallMs);

    /** The broker must stop: its id is taken, it belongs to another cluster, or its successor has registered. */
    void refused(RemoteError error);

    /** An ISR proposal was not accepted; the metadata that come tell more. */
    default void proposalRefused(PartitionId partition, ErrorCode error, String message) {
        // Most listeners wait for the partition's next epoch anyway.
    }
}
