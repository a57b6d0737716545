package io.lograft.broker.cluster;

import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.UncleanElection;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every unclean election of a partition that this broker has a replica of loud: one warning, and at the broker
 * that was elected one more in the count. Owned by: metadata loop.
 */
public final class UncleanElectionAlarm implements ImageListener {
    private static final Logger LOG = LoggerFactory.getLogger(UncleanElectionAlarm.class);

    private final BrokerId self;
    private final BrokerMetrics metrics;

    /** Watches what concerns one broker. */
    public UncleanElectionAlarm(BrokerId self, BrokerMetrics metrics) {
        this.self = self;
        this.metrics = metrics;
    }

    @Override
    public void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records) {
        for (UncleanElection election : UncleanElection.between(before, now, records)) {
            if (election.concerns(self)) {
                LOG.warn("{}", election.describe());
            }
            if (election.state().isLedBy(self)) {
                metrics.uncleanElection();
            }
        }
    }
}
