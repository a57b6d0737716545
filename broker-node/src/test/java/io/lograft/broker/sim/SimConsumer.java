package io.lograft.broker.sim;

import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Reads one partition from the start, from whoever leads; what it gets is checked. Where committed records were lost it has
 * to be told, and goes back to where the logs part.
 */
final class SimConsumer {
    private final SimCluster cluster;
    private final SimWorld world;
    private final int id;
    private final PartitionId partition;
    private long position;
    private int lastReadEpoch = -1;
    private boolean isGone;
    /** What it has read and still takes for true, by base offset. */
    private final NavigableMap<Long, SimBatch> history = new TreeMap<>();

    SimConsumer(SimCluster cluster, int id, PartitionId partition) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.id = id;
        this.partition = partition;
        world.after(1, this::ask);
    }

    /** Its topic was deleted. */
    void leave() {
        isGone = true;
    }

    boolean isDone() {
        return isGone || position == cluster.checker().committedEnd(partition);
    }

    private void ask() {
        if (isGone) {
            return;
        }
        world.after(world.between(5, 60), this::ask);
        PartitionImage known = cluster.partitionImage(partition).orElse(null);
        if (known == null || !known.hasLeader()) {
            return;
        }
        // Now and then a broker that led before or never did.
        int broker = world.chance(0.1) ? world.between(1, cluster.size()) : known.leader();
        int epoch = world.chance(0.5) ? known.leaderEpoch() : -1;
        cluster.network().pipe(id, broker).send(() -> arrive(broker, epoch));
    }

    private void arrive(int broker, int epoch) {
        SimProcess process = cluster.process(broker);
        SimReplica replica = process == null ? null : process.replica(partition);
        if (replica == null || process.isPaused() || isGone) {
            return;
        }
        switch (replica.core().judgeFetch(position, epoch, toldEpoch())) {
            case FetchVerdict.Committed committed -> {
                long from = position;
                List<SimBatch> batches = committed(replica, committed.highWatermark());
                cluster.network().pipe(broker, id).send(() -> read(from, batches));
            }
            case FetchVerdict.Refused refused -> {
                if (refused.code() == ErrorCode.OFFSET_OUT_OF_RANGE && position < refused.logStartOffset()) {
                    long from = position;
                    cluster.network().pipe(broker, id).send(() -> goOnAt(from, refused.logStartOffset()));
                    return;
                }
                boolean isLoss = refused.code() == ErrorCode.LOG_TRUNCATED
                        || (refused.code() == ErrorCode.OFFSET_OUT_OF_RANGE
                                && cluster.partitionImage(partition)
                                        .filter(now -> now.leaderEpoch() == refused.leaderEpoch())
                                        .isPresent());
                if (isLoss && cluster.checker().isLostBelow(partition, position, lastReadEpoch)) {
                    long from = position;
                    long to = refused.divergedAt() >= 0
                            ? refused.divergedAt()
                            : Math.min(refused.logEndOffset(), position);
                    boolean isKnown = refused.divergedAt() > refused.logStartOffset();
                    cluster.network().pipe(broker, id).send(() -> goBackTo(from, to, isKnown));
                } else if (isLoss) {
                    throw new SimulationFailure("P4 broken: a consumer at " + position + " after epoch " + lastReadEpoch
                            + " is told " + refused);
                }
            }
        }
    }

    /** What it was to read next is deleted. */
    private void goOnAt(long from, long logStart) {
        if (from == position && !isGone) {
            if (logStart > cluster.checker().logStart(partition)) {
                throw new SimulationFailure("P4 broken: a consumer at " + position + " is told that the log starts at "
                        + logStart + ", leaders have deleted only what is below "
                        + cluster.checker().logStart(partition));
            }
            position = logStart;
            lastReadEpoch = -1;
        }
    }

    private int toldEpoch() {
        return cluster.mutation() == Mutation.LAST_READ_EPOCH_NOT_TOLD ? -1 : lastReadEpoch;
    }

    /**
     * Some of what it has read is lost. Where the leader knows from where on, what is below must be as it has read it. The
     * leader does not know where its own log begins later, or where the reader has read nothing since it was told last.
     */
    private void goBackTo(long from, long to, boolean isKnown) {
        if (from != position || isGone) {
            return;
        }
        world.trace(() -> "consumer " + id + " goes back from " + position + " to " + to);
        for (SimBatch batch : history.headMap(isKnown ? to : 0).values()) {
            if (batch.header().nextOffset() <= to && !cluster.checker().isCommitted(partition, batch)) {
                throw new SimulationFailure("P4 broken: a consumer at " + position + " is told that only what is above "
                        + to + " is lost, but it has read " + batch);
            }
        }
        // Until it has read on it could not tell if that were lost, too.
        history.clear();
        position = to;
        lastReadEpoch = -1;
    }

    private List<SimBatch> committed(SimReplica replica, long highWatermark) {
        List<SimBatch> batches = new ArrayList<>();
        try {
            for (SimBatch batch : SimBatch.decode(replica.log().read(position, 2_000))) {
                if (batch.header().nextOffset() <= highWatermark) {
                    batches.add(batch);
                }
            }
        } catch (IOException failed) {
            replica.process().machine().failed(replica.process(), failed);
        }
        return batches;
    }

    private void read(long from, List<SimBatch> batches) {
        if (from != position || isGone) {
            return;
        }
        for (SimBatch batch : batches) {
            boolean isAround = lastReadEpoch < 0
                    && batch.header().baseOffset() < position
                    && batch.header().lastOffset() >= position;
            if (batch.header().baseOffset() != position && !isAround) {
                throw new SimulationFailure("R6 broken: a consumer at " + position + " reads " + batch);
            }
            cluster.checker().consumed(partition, batch);
            requireSameBefore(batch);
            history.put(batch.header().baseOffset(), batch);
            position = batch.header().nextOffset();
            lastReadEpoch = batch.header().leaderEpoch();
        }
    }

    /** Nobody reads on over records that were lost behind its back. */
    private void requireSameBefore(SimBatch next) {
        Map.Entry<Long, SimBatch> last = history.lowerEntry(position);
        if (lastReadEpoch >= 0
                && last != null
                && cluster.checker().isCommitted(partition, next)
                && !cluster.checker().isCommitted(partition, last.getValue())) {
            throw new SimulationFailure("P4 broken: a consumer reads " + next + " after " + last.getValue()
                    + ", which is lost, and was not told");
        }
    }
}
