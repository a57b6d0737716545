package io.lograft.broker.app;

import io.lograft.broker.cluster.SessionListener;
import io.lograft.broker.concurrent.ClockAgreement;
import io.lograft.broker.controller.ControllerNode;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.wire.RemoteError;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes what the session tells on to the start-up, which is made after the session. Owned by: metadata loop. */
final class StartupRelay implements SessionListener {
    private static final Logger LOG = LoggerFactory.getLogger(StartupRelay.class);

    private final BrokerReadiness readiness;
    private final ClockAgreement clocks;
    private final Consumer<Throwable> fatal;
    private volatile BrokerStartup startup;
    private volatile ControllerNode controller;

    StartupRelay(BrokerReadiness readiness, ClockAgreement clocks, Consumer<Throwable> fatal) {
        this.readiness = readiness;
        this.clocks = clocks;
        this.fatal = fatal;
    }

    /** To be called before the session starts. */
    void joined(BrokerStartup target) {
        startup = target;
        target.watch(readiness);
    }

    /** To be called before the session starts. */
    void tells(ControllerNode node) {
        controller = node;
    }

    @Override
    public void votersKnown(VoterSet voters, Set<BrokerId> stalled) {
        controller.votersHeard(voters, stalled);
    }

    @Override
    public void clockHeard(long controllerWallMs) {
        boolean wasSound = clocks.isSound();
        clocks.heard(controllerWallMs);
        if (wasSound && !clocks.isSound()) {
            LOG.warn(
                    "the controller's clock says {}, this broker's something else: nothing is deleted for its age",
                    Instant.ofEpochMilli(controllerWallMs));
        }
    }

    @Override
    public void registered(long brokerEpoch, boolean resumed) {
        startup.registered(brokerEpoch, resumed);
    }

    @Override
    public void disconnected() {
        readiness.notReady("no session with the controller");
    }

    @Override
    public void proposalRefused(PartitionId partition, ErrorCode error, String message) {
        LOG.info("{}: the proposed in-sync set was refused: {}: {}", partition, error, message);
    }

    @Override
    public void refused(RemoteError error) {
        LOG.error("the controller refuses this broker: {}: {}", error.code(), error.message());
        readiness.broken(error.code() + ": " + error.message());
        fatal.accept(new BrokerRefusedException(error.code(), error.message()));
    }
}
