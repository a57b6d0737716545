package io.lograft.broker.app;

import io.lograft.broker.app.storage.DirectoryHosts;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.log.CorruptLogException;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a broker does about a log that turns out to be damaged while it runs. Where other replicas can go on without it,
 * the damaged one is given up: it stops, the broker registers anew and tells the loss when it asks to be let in, and the
 * replica is refilled from its peers. Where none can, it is kept: all but the damaged place can still be read.
 *
 * <p>A process that dies before the loss is told finds the damage again when it reads that place.
 *
 * <p>Owned by: metadata loop.
 */
final class DamagedLogs {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedLogs.class);

    private final BrokerId self;
    private final BrokerSession session;
    private final EventLoop loop;
    private final DirectoryHosts hosts;
    private final LeaderConnections leaders;
    private final Map<PartitionId, String> reported = new HashMap<>();
    private final Set<PartitionId> givenUp = new HashSet<>();
    private final Set<PartitionId> stopped = new HashSet<>();
    private Set<PartitionId> told = Set.of();

    DamagedLogs(BrokerId self, BrokerSession session, EventLoop loop, DirectoryHosts hosts, LeaderConnections leaders) {
        this.self = self;
        this.session = session;
        this.loop = loop;
        this.hosts = hosts;
        this.leaders = leaders;
    }

    /** A read met the damage. Any thread. */
    void found(PartitionId partition, String name, CorruptLogException damage) {
        loop.execute(() -> consider(partition, name, damage.getMessage()));
    }

    private void consider(PartitionId partition, String name, String message) {
        if (givenUp.contains(partition)) {
            return;
        }
        boolean canBeSpared = LostReplicas.canBeSpared(session.image(), self, partition);
        boolean isNews = !message.equals(reported.put(partition, message));
        if (!canBeSpared) {
            if (isNews) {
                LOG.error("{}: {}; no other replica could take over, so this one goes on without that", name, message);
            }
            return;
        }
        LOG.error("{}: this replica is lost and will be refilled: {}", name, message);
        givenUp.add(partition);
        hosts.giveUp(partition, message)
                .thenRun(() -> loop.execute(() -> {
                    stopped.add(partition);
                    hosts.letBeMadeAnew(partition, session.brokerEpoch());
                    session.registerAnew(name + " is damaged here");
                }));
    }

    /** The broker has registered anew. Returns what is to be told with the request to be let in. */
    List<LostReplica> registeredAnew(ClusterImage image) {
        leaders.introduceAnew();
        told = Set.copyOf(stopped);
        return LostReplicas.ofDamaged(image, self, told);
    }

    /** The broker was let in with what it had told last. */
    void letIn() {
        stopped.removeAll(told);
        givenUp.removeAll(told);
        reported.keySet().removeAll(told);
        told = Set.of();
    }
}
