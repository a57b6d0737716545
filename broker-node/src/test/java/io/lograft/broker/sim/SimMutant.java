package io.lograft.broker.sim;

import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.broker.replica.PartitionReplica;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.ReplicaLog;
import io.lograft.broker.replica.SequenceCheck;
import io.lograft.model.BrokerId;
import io.lograft.model.EpochStart;
import io.lograft.model.FlushMode;
import io.lograft.record.BatchHeader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The deliberate mistakes of one replica: at its edges, as the real code between them has none. */
final class SimMutant {
    private final Mutation mutation;
    private final Set<Long> producersSeen = new HashSet<>();
    private int seenInEpoch = -1;

    SimMutant(Mutation mutation) {
        this.mutation = mutation;
    }

    // ---- the log

    /** The log as the replica sees it. */
    ReplicaLog port(SimReplicaLog log) {
        return mutation == Mutation.ACKNOWLEDGE_BEFORE_FLUSH
                        || mutation == Mutation.SEQUENCES_NOT_CHECKED
                        || mutation == Mutation.LOG_START_NOT_RECORDED
                        || mutation == Mutation.SEQUENCES_FORGOTTEN_AT_FAILOVER
                ? new MistakenLog(log.port())
                : log.port();
    }

    private final class MistakenLog implements ReplicaLog {
        private final ReplicaLog log;

        MistakenLog(ReplicaLog log) {
            this.log = log;
        }

        @Override
        public long logStartOffset() {
            return log.logStartOffset();
        }

        @Override
        public long recordedLogStartOffset() {
            return mutation == Mutation.LOG_START_NOT_RECORDED ? log.logStartOffset() : log.recordedLogStartOffset();
        }

        @Override
        public long logEndOffset() {
            return log.logEndOffset();
        }

        @Override
        public long flushedOffset() {
            return mutation == Mutation.ACKNOWLEDGE_BEFORE_FLUSH ? log.logEndOffset() : log.flushedOffset();
        }

        @Override
        public List<EpochStart> epochs() {
            return log.epochs();
        }

        @Override
        public int lastEpoch() {
            return log.lastEpoch();
        }

        @Override
        public FlushMode flushMode() {
            return log.flushMode();
        }

        @Override
        public SequenceCheck checkSequence(BatchHeader header) {
            boolean isIgnored = mutation == Mutation.SEQUENCES_NOT_CHECKED
                    || (mutation == Mutation.SEQUENCES_FORGOTTEN_AT_FAILOVER && producersSeen.add(header.producerId()));
            return isIgnored ? SequenceCheck.NEW : log.checkSequence(header);
        }
    }

    /** True where a replica that is about to follow is to drop everything above its high watermark. */
    boolean truncatesToHighWatermark(ReplicaEvent event, PartitionReplica core) {
        return mutation == Mutation.TRUNCATE_TO_HIGH_WATERMARK
                && event instanceof ReplicaEvent.MetadataChanged
                && !core.isFollower();
    }

    boolean saysCommitAtOnce(ReplicaEvent event) {
        return mutation == Mutation.COMMIT_SAID_TOO_EARLY
                && event instanceof ReplicaEvent.MetadataChanged changed
                && changed.configuration().flushMode() == FlushMode.COMMIT;
    }

    /** Up to where retention takes records for committed. */
    long retainedUpTo(PartitionReplica core, SimLog log) {
        return isDeletingTooMuch() ? log.logEndOffset() : core.highWatermark();
    }

    /** True where the replica's own look at its high watermark is left out, too. */
    boolean isDeletingTooMuch() {
        return mutation == Mutation.RETENTION_ABOVE_HIGH_WATERMARK;
    }

    // ---- events

    /** What the replica gets to hear instead. */
    ReplicaEvent received(ReplicaEvent event) {
        if (event instanceof ReplicaEvent.MetadataChanged changed) {
            return metadata(changed);
        }
        return event;
    }

    private ReplicaEvent metadata(ReplicaEvent.MetadataChanged changed) {
        PartitionConfiguration configuration = changed.configuration();
        if (configuration.leaderEpoch() != seenInEpoch) {
            seenInEpoch = configuration.leaderEpoch();
            producersSeen.clear();
        }
        return mutation == Mutation.MINIMUM_IGNORED
                ? new ReplicaEvent.MetadataChanged(
                        changed(configuration, configuration.partitionEpoch(), configuration.replicas(), 1))
                : changed;
    }

    // ---- proposals

    /** What the leader takes for confirmed at once; null for nothing. */
    ReplicaEvent proposed(ReplicaEffect.ProposeIsr proposal, PartitionConfiguration known) {
        Set<BrokerId> proposed = new HashSet<>();
        proposal.members().forEach(member -> proposed.add(member.id()));
        boolean leave = mutation == Mutation.LEAVERS_NOT_COUNTED;
        boolean join = mutation == Mutation.JOINERS_NOT_COUNTED;
        if (!leave && !join) {
            return null;
        }
        // The set as it is without those who leave, or without those who join; either way a newer one than the
        // proposal.
        List<Member> members = known.replicas().stream()
                .map(member -> new Member(
                        member.id(),
                        member.brokerEpoch(),
                        member.inSync() && (join || proposed.contains(member.id())),
                        member.eligible(),
                        member.admissible()))
                .toList();
        return new ReplicaEvent.MetadataChanged(changed(known, known.partitionEpoch() + 1, members, known.minimum()));
    }

    private static PartitionConfiguration changed(
            PartitionConfiguration of, int partitionEpoch, List<Member> members, int minimum) {
        return new PartitionConfiguration(
                of.self(),
                of.selfBrokerEpoch(),
                of.leader(),
                of.leaderEpoch(),
                partitionEpoch,
                members,
                minimum,
                of.flushMode(),
                of.lastUncleanEpoch());
    }
}
