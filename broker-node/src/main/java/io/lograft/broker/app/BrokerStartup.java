package io.lograft.broker.app;

import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.cluster.ImageListener;
import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.cluster.ReplicaFeed;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private final Logs logs;
    private final ReplicaHost host;
    private final ReplicaFeed feed;
    private final DamagedLogs damagedLogs;
    private final CompletableFuture<ReplicaHost.Recovered> recovered = new CompletableFuture<>();
    private BrokerReadiness readiness;
    private long brokerEpoch = -1;
    private long letInEpoch = -1;

    /**
     * Where the logs are.
     *
     * @param thread for all that is done with the directory
     * @param config of logs whose topic is not known yet
     */
    record Logs(LogStorage storage, Workers thread, LogConfig config) {}

    BrokerStartup(
            BrokerId self,
            BrokerSession session,
            Logs logs,
            ReplicaHost host,
            ReplicaFeed feed,
            DamagedLogs damagedLogs) {
        this.self = self;
        this.session = session;
        this.logs = logs;
        this.host = host;
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
        host.recover(name -> logs.config()).whenComplete((result, failure) -> {
            if (failure != null) {
                recovered.completeExceptionally(failure);
                readiness.broken("the logs could not be opened: " + failure.getMessage());
                throw new IllegalStateException("the logs could not be opened", failure);
            }
            LOG.info(
                    "{} logs are recovered, {} are damaged, after {} ms",
                    result.logs().size(),
                    result.damaged().size(),
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

    private interface Recording {
        void run() throws IOException;
    }

    private static void record(Recording recording) {
        try {
            recording.run();
        } catch (IOException failed) {
            throw new IllegalStateException("the registration could not be recorded", failed);
        }
    }

    /** This process has been let in before, and has registered anew since. */
    private void askToBeLetInAgain(long epoch) {
        List<LostReplica> lost = damagedLogs.registeredAnew(session.image());
        logs.thread().execute(() -> {
            // The directory is the one it was let in with; what it has lost since shows when it is read again.
            record(() -> logs.storage().record(session.clusterId(), epoch));
            LOG.info("asking to be let in again under epoch {}, {} replicas are lost", epoch, lost.size());
            session.unfence(lost);
        });
    }

    private void askToBeLetIn(long epoch, ReplicaHost.Recovered result) {
        logs.thread().execute(() -> {
            if (!LostReplicas.isForgetful(session.image(), self, logs.storage().directoryId(), logs.storage().found())) {
                record(() -> logs.storage().record(session.clusterId(), epoch));
            }
            Map<PartitionId, LostReplicas.LogState> states = new HashMap<>();
            result.logs().forEach((id, log) -> states.put(id, LostReplicas.LogState.of(log)));
            Set<PartitionId> damaged = new HashSet<>(result.damaged());
            damaged.addAll(LostReplicas.byName(session.image(), result.nameless()));
            List<LostReplica> lost =
                    LostReplicas.find(
                            session.image(),
                            self,
                            List.of(new LostReplicas.Directory(
                                    logs.storage().directoryId(), logs.storage().found(), states, damaged)),
                            true);
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
            logs.thread().execute(() -> record(() -> logs.storage().recordLetIn(session.clusterId(), epoch)));
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
