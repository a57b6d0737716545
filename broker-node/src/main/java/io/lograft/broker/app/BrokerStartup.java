package io.lograft.broker.app;

import io.lograft.broker.app.storage.DirectoryHosts;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.cluster.ImageListener;
import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.cluster.ReplicaFeed;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a fresh process to a broker that takes part: recovers the logs, registers, records the registration in the
 * directory, and asks to be let in with the list of replicas that it cannot vouch for. Where the directory has lost what
 * the broker had before, the registration is recorded only once the broker is let in. Owned by: metadata loop.
 */
final class BrokerStartup implements ImageListener {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerStartup.class);

    private final BrokerId self;
    private final BrokerSession session;
    private final LogConfig logConfig;
    private final DirectoryHosts hosts;
    private final ReplicaFeed feed;
    private final DamagedLogs damagedLogs;
    private final CompletableFuture<DirectoryHosts.Recovered> recovered = new CompletableFuture<>();
    private BrokerReadiness readiness;
    private long brokerEpoch = -1;
    private long letInEpoch = -1;

    /**
     * Begins nothing yet.
     *
     * @param logConfig of logs whose topic is not known yet
     */
    BrokerStartup(
            BrokerId self,
            BrokerSession session,
            LogConfig logConfig,
            DirectoryHosts hosts,
            ReplicaFeed feed,
            DamagedLogs damagedLogs) {
        this.self = self;
        this.session = session;
        this.logConfig = logConfig;
        this.hosts = hosts;
        this.feed = feed;
        this.damagedLogs = damagedLogs;
    }

    /** Who is told whether the broker serves. */
    void watch(BrokerReadiness watcher) {
        readiness = watcher;
    }

    /** Starts the recovery of the logs, and the session. Any thread. */
    void begin() {
        // First, so that being let in is recorded before a replica runs and can join an in-sync set.
        session.addListener(this);
        session.addListener(feed);
        long startNs = System.nanoTime();
        hosts.recover(logConfig).whenComplete((result, failure) -> {
            if (failure != null) {
                recovered.completeExceptionally(failure);
                readiness.broken("the logs could not be opened: " + failure.getMessage());
                throw new IllegalStateException("the logs could not be opened", failure);
            }
            LOG.info(
                    "{} logs are recovered, {} are damaged, after {} ms",
                    result.logCount(),
                    result.damagedCount(),
                    (System.nanoTime() - startNs) / 1_000_000);
            recovered.complete(result);
        });
        session.start();
    }

    /** A controller accepted the registration. */
    void registered(long epoch, boolean resumed) {
        feed.registered(epoch);
        if (resumed && epoch == brokerEpoch) {
            look(session.image());
            return;
        }
        brokerEpoch = epoch;
        CompletableFuture<Void> current = session.whenCaughtUp(epoch);
        if (letInEpoch >= 0) {
            current.thenRun(() -> askToBeLetInAgain(epoch));
        } else {
            recovered.thenAcceptBoth(current, (result, nothing) -> askToBeLetIn(epoch, result));
        }
    }

    /** This process has been let in before, and has registered anew since. */
    private void askToBeLetInAgain(long epoch) {
        List<LostReplica> lost = damagedLogs.registeredAnew(session.image());
        // The directories are those it was let in with; what they have lost since shows when they are read again.
        hosts.onEach(storage -> storage.record(session.clusterId(), epoch))
                .thenCompose(recorded -> hosts.failuresTold(epoch))
                .thenRun(() -> {
                    LOG.info("asking to be let in again under epoch {}, {} replicas are lost", epoch, lost.size());
                    session.unfence(lost);
                });
    }

    private void askToBeLetIn(long epoch, DirectoryHosts.Recovered result) {
        hosts.onEach(storage -> {
                    ClusterImage image = session.image();
                    if (!LostReplicas.isForgetful(image, self, storage.directoryId(), storage.found())) {
                        storage.record(session.clusterId(), epoch);
                    }
                })
                .thenCompose(recorded -> hosts.failuresTold(epoch))
                .thenRun(() -> {
                    ClusterImage image = session.image();
                    List<LostReplica> lost =
                            LostReplicas.find(image, self, hosts.inventory(image, result), hosts.isComplete());
                    for (LostReplica replica : lost) {
                        LOG.warn("this broker cannot vouch for its replica of {}: {}", replica.partition(), replica);
                    }
                    LOG.info("asking to be let in under epoch {}, {} replicas are lost", epoch, lost.size());
                    session.unfence(lost);
                });
    }

    @Override
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        look(now);
    }

    private void look(ClusterImage image) {
        Optional<BrokerImage> own = image.broker(self).filter(broker -> broker.epoch() == brokerEpoch);
        if (own.isPresent() && own.get().isLive() && letInEpoch != brokerEpoch) {
            letInEpoch = brokerEpoch;
            damagedLogs.letIn();
            long epoch = brokerEpoch;
            hosts.onEach(storage -> storage.recordLetIn(session.clusterId(), epoch));
        }
        if (own.isPresent() && own.get().isLive() && session.controller().isPresent()) {
            if (readiness.ready()) {
                LOG.info("broker {} is ready", self);
            }
        } else {
            readiness.notReady(
                    own.isEmpty()
                            ? "not registered with the controller yet"
                            : own.get().isLive() ? "no session with the controller" : "fenced by the controller");
        }
    }
}
