package io.lograft.broker.sim;

import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.command.MetadataRecord.PartitionRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The invariants R1 to R8 and the promises P1 to P5, checked after every event of every replica. */
final class SimChecker {

    private record Position(long baseOffset, int epoch) {}

    /** What is known of one partition from outside: everything that any leader ever called committed. */
    private static final class Truth {
        final Map<Integer, Integer> leaders = new HashMap<>();
        final Map<Integer, Long> highWatermarks = new HashMap<>();
        /** By (offset, epoch): the hash of the log up to that batch, wherever it was seen. */
        final Map<Position, Long> appended = new HashMap<>();

        final TreeMap<Long, SimBatch> committed = new TreeMap<>();
        final NavigableMap<Long, Long> hashes = new TreeMap<>();
        final Set<String> payloads = new HashSet<>();
        /** By leader epoch: how far its leader came, at most. */
        final TreeMap<Integer, Long> committedBy = new TreeMap<>();

        long committedEnd;
        long acknowledged;
        /** The leader epochs that began uncleanly, and where what was committed before ends since. */
        final TreeMap<Integer, Long> cuts = new TreeMap<>();
        /** What was committed before and is lost since. */
        final Map<Position, String> lost = new HashMap<>();

        /** The leader epoch in which it was lost, by payload. */
        final Map<String, Integer> lostIn = new HashMap<>();

        /** Committed and deleted, of which a leader that lost everything else does not know the sequences either. */
        final Set<String> forgotten = new HashSet<>();
        /** How far what was committed had come when some of it was lost, at most. */
        long greatestEnd;
        /** The greatest log start that a leader decided on. */
        long logStart;
        /** By leader epoch: so far records are deleted for good, as whoever asked for it was told. */
        final TreeMap<Integer, Long> deletedBy = new TreeMap<>();

        Truth() {
            hashes.put(0L, 0L);
        }

        /** End of what leaders of earlier epochs have called committed. */
        long committedBefore(int epoch) {
            Map.Entry<Integer, Long> earlier = committedBy.lowerEntry(epoch);
            return earlier == null ? 0 : earlier.getValue();
        }

        /** So far leaders of earlier epochs have said that all is deleted; one that hears late that it led need not know. */
        long deletedBefore(int epoch) {
            return deletedBy.headMap(epoch).values().stream()
                    .mapToLong(Long::longValue)
                    .max()
                    .orElse(0);
        }

        /** True where this replica cannot know yet what the last unclean leader has dropped. */
        boolean isBehind(SimReplica replica, PartitionConfiguration configuration) {
            return !cuts.isEmpty()
                    && (configuration.leaderEpoch() < cuts.lastKey()
                            || (!replica.core().isLeader() && replica.content().lastEpoch() < cuts.lastKey()));
        }

        /** What was committed at this offset and above is lost, to a leader that begins with this epoch. */
        void cut(int epoch, long end) {
            Map.Entry<Long, SimBatch> around = committed.lowerEntry(end);
            boolean isWithin = around != null && around.getValue().header().nextOffset() > end;
            Map<Long, SimBatch> gone = committed.tailMap(isWithin ? around.getKey() : end, true);
            gone.forEach((offset, batch) -> {
                lost.put(new Position(offset, batch.header().leaderEpoch()), batch.payload());
                lostIn.putIfAbsent(batch.payload(), epoch);
                payloads.remove(batch.payload());
            });
            gone.clear();
            hashes.tailMap(end, false).clear();
            // Where an empty log starts within a batch, any hash will do that no other log has there.
            hashes.putIfAbsent(end, hashes.floorEntry(end).getValue() ^ end);
            committedBy.replaceAll((leader, reached) -> Math.min(reached, end));
            committedEnd = end;
            cuts.put(epoch, end);
        }
    }

    private final SimCluster cluster;
    private final Map<PartitionId, Truth> truths = new TreeMap<>();

    SimChecker(SimCluster cluster) {
        this.cluster = cluster;
    }

    private Truth truth(PartitionId partition) {
        return truths.computeIfAbsent(partition, fresh -> new Truth());
    }

    long committedEnd(PartitionId partition) {
        return truth(partition).committedEnd;
    }

    /** The hash of everything that was ever committed below an offset; -1 where no batch ends there. */
    long committedHash(PartitionId partition, long offset) {
        return truth(partition).hashes.getOrDefault(offset, -1L);
    }

    long logStart(PartitionId partition) {
        return truth(partition).logStart;
    }

    long acknowledgedBatches() {
        return truths.values().stream().mapToLong(truth -> truth.acknowledged).sum();
    }

    // ---- while it runs

    /** R2: a batch was appended; whoever has one of that offset and epoch has the same log up to there. */
    void appended(SimReplica replica, SimBatch batch) {
        long hash = replica.content().prefixHash(batch.header().nextOffset());
        Position position =
                new Position(batch.header().baseOffset(), batch.header().leaderEpoch());
        Long known = truth(replica.partition()).appended.putIfAbsent(position, hash);
        check(known == null || known == hash, "R2", () -> replica + " has another log up to " + batch);
    }

    /** A log is to start at this offset: only what is committed is ever deleted. */
    void logStartMoves(SimReplica replica, long offset) {
        Truth truth = truth(replica.partition());
        check(
                offset <= truth.committedEnd && offset <= replica.core().highWatermark(),
                "P3",
                () -> replica + " deletes below " + offset + ", but its high watermark is "
                        + replica.core().highWatermark() + ", and committed is what lies below " + truth.committedEnd);
        if (replica.core().isLeader()) {
            truth.logStart = Math.max(truth.logStart, offset);
        }
        check(
                offset <= truth.logStart,
                "P3",
                () -> replica + " deletes below " + offset + ", leaders only below " + truth.logStart);
    }

    /** A leader of that epoch told somebody that all below is deleted: whoever may lead next has that on the disk. */
    void deleted(PartitionId partition, int epoch, long offset) {
        Truth truth = truth(partition);
        check(offset <= truth.logStart, "P3", () -> "deleted up to " + offset + ", leaders up to " + truth.logStart);
        truth.deletedBy.merge(epoch, offset, Math::max);
    }

    /**
     * The quorum has chosen a leader outside both sets. Nothing is lost by it that anybody still has who held everything
     * that was committed; what none of them has was in page caches only, and all of them lost their power.
     */
    void uncleanLeader(PartitionId partition, PartitionImage before, PartitionImage after) {
        check(cluster.losesTails(), "P6", () -> partition + " has an unclean leader: " + after);
        Truth truth = truth(partition);
        Set<BrokerId> holders = new TreeSet<>(before.isr());
        holders.addAll(before.eligible());
        before.lostMembers().forEach(member -> holders.add(member.broker()));
        long kept = keptBy(truth, partition, after.leader());
        for (BrokerId holder : holders) {
            check(
                    cluster.quorum()
                            .image()
                            .broker(holder)
                            .filter(BrokerImage::isLive)
                            .isPresent(),
                    "P6",
                    () -> partition + " has leader " + after.leader() + ", though broker " + holder + " is not back");
            long other = keptBy(truth, partition, holder.value());
            check(
                    other <= kept,
                    "P3, P6",
                    () -> partition + " is led by broker " + after.leader() + ", which has what was committed below "
                            + kept + ", though broker " + holder + " has it below " + other);
        }
        cluster.world()
                .trace(() -> partition + " has lost what was committed from " + kept + " to " + truth.committedEnd);
        truth.greatestEnd = Math.max(truth.greatestEnd, truth.committedEnd);
        truth.cut(after.leaderEpoch(), kept);
        SimLog log = cluster.machine(after.leader()).storage().content(partition);
        if (log == null || log.logStartOffset() == log.logEndOffset()) {
            truth.committed.values().forEach(batch -> truth.forgotten.add(batch.payload()));
            truth.payloads.clear();
        }
    }

    /** How far a broker's disk has what was committed. */
    private long keptBy(Truth truth, PartitionId partition, int broker) {
        SimLog log = cluster.machine(broker).storage().content(partition);
        if (log == null) {
            return 0;
        }
        long end = Math.min(log.logEndOffset(), truth.committedEnd);
        if (log.logStartOffset() >= log.logEndOffset()) {
            return end;
        }
        long kept = truth.hashes.floorKey(end);
        check(
                log.prefixHash(kept) == truth.hashes.get(kept),
                "R5",
                () -> "broker " + broker + " has another log of " + partition + " than was committed below " + kept);
        return kept;
    }

    /** True where something that a reader at this offset has read since that epoch is lost. */
    boolean isLostBelow(PartitionId partition, long offset, int lastReadEpoch) {
        return truth(partition).cuts.tailMap(lastReadEpoch, false).values().stream()
                .anyMatch(end -> end < offset);
    }

    /** True where a batch of a producer was committed and is lost, or what is known of its sequence. */
    boolean isLost(PartitionId partition, String payload) {
        Truth truth = truth(partition);
        return truth.lostIn.containsKey(payload) || truth.forgotten.contains(payload);
    }

    boolean isCommitted(PartitionId partition, SimBatch batch) {
        SimBatch committed = truth(partition).committed.get(batch.header().baseOffset());
        return committed != null
                && committed.payload().equals(batch.payload())
                && committed.header().leaderEpoch() == batch.header().leaderEpoch();
    }

    /** A replica is about to tell others how far its high watermark is; a leader's is what is committed. */
    void committed(SimReplica replica) {
        Truth truth = truth(replica.partition());
        long highWatermark = replica.core().highWatermark();
        if (isBehind(truth, replica)) {
            check(
                    !replica.core().isLeader() || highWatermark <= truth.greatestEnd,
                    "R8",
                    () -> replica + " commits up to " + highWatermark + ", though it is deposed");
        } else if (replica.core().isLeader() && highWatermark > truth.committedEnd) {
            commit(replica, truth, highWatermark);
        }
    }

    /** A replica has taken an event and its effects are done. */
    void changed(SimReplica replica) {
        PartitionConfiguration configuration = replica.core().configuration().orElse(null);
        if (configuration == null) {
            return;
        }
        Truth truth = truth(replica.partition());
        long highWatermark = replica.core().highWatermark();
        if (replica.core().isLeader()) {
            leads(replica, truth, configuration.leaderEpoch(), highWatermark);
        }
        if (replica.isVerifiedTo(highWatermark)) {
            return;
        }
        committed(replica);
        if (isBehind(truth, replica)) {
            return;
        }
        check(
                highWatermark <= truth.committedEnd,
                "R3",
                () -> replica + " takes " + highWatermark + " for committed, leaders only " + truth.committedEnd);
        check(
                highWatermark == replica.content().logStartOffset()
                        || isSameBelow(truth, replica.content(), highWatermark),
                "R3, R4",
                () -> replica + " differs from what was committed below " + highWatermark);
    }

    /**
     * Whether a log has what was committed below its high watermark. As records of a batch can be deleted, a leader's log
     * may start within one, and its high watermark be there, too; other leaders may have deleted more meanwhile.
     */
    private static boolean isSameBelow(Truth truth, SimLog log, long highWatermark) {
        boolean isWithin = highWatermark <= truth.logStart && !truth.hashes.containsKey(highWatermark);
        long end = isWithin ? truth.hashes.floorKey(highWatermark) : highWatermark;
        return end < log.logStartOffset() || truth.hashes.getOrDefault(end, -2L) == log.prefixHash(end);
    }

    private void leads(SimReplica replica, Truth truth, int epoch, long highWatermark) {
        Integer leader = truth.leaders.putIfAbsent(epoch, replica.process().id());
        check(
                leader == null || leader == replica.process().id(),
                "R1",
                () -> "brokers " + leader + " and " + replica.process().id() + " both lead epoch " + epoch);
        Long before = truth.highWatermarks.put(epoch, highWatermark);
        check(
                before == null || before <= highWatermark,
                "R4",
                () -> replica + " lowers the high watermark of epoch " + epoch + " from " + before + " to "
                        + highWatermark);
        if (before == null && !isBehind(truth, replica)) {
            check(
                    replica.content().logStartOffset() >= truth.deletedBefore(epoch),
                    "P4, log start",
                    () -> replica + " begins to lead epoch " + epoch + " with log start "
                            + replica.content().logStartOffset() + ", though all below " + truth.deletedBefore(epoch)
                            + " was said to be deleted");
            long end = truth.committedBefore(epoch);
            check(
                    replica.content().prefixHash(end) == truth.hashes.get(end),
                    "R5, R8",
                    () -> replica + " begins to lead epoch " + epoch + " with log end "
                            + replica.content().logEndOffset() + ", but lacks committed records below " + end);
        }
    }

    private void commit(SimReplica leader, Truth truth, long end) {
        SimLog log = leader.content();
        long offset = truth.committedEnd;
        check(
                log.prefixHash(offset) == truth.hashes.get(offset),
                "R5",
                () -> leader + " commits on top of another log than was committed below " + truth.committedEnd);
        while (offset < end) {
            SimBatch batch = log.batchAt(offset);
            if (cluster.holdsGroups(leader.partition())) {
                offset = committed(truth, log, batch);
                continue;
            }
            String partition = cluster.nameOf(leader.partition());
            check(
                    batch.payload().startsWith(partition + ":"),
                    "P3, P4",
                    () -> leader + " commits what was written to another topic: " + batch);
            check(truth.payloads.add(batch.payload()), "R7", () -> leader + " commits a second copy: " + batch);
            offset = committed(truth, log, batch);
        }
        truth.committedEnd = end;
        truth.committedBy.put(leader.core().configuration().orElseThrow().leaderEpoch(), end);
        cluster.partitionImage(leader.partition()).ifPresent(image -> {
            image.isr().forEach(member -> held(leader, member, end));
            image.eligible().forEach(member -> held(leader, member, end));
        });
    }

    /** Returns where the next batch begins. */
    private static long committed(Truth truth, SimLog log, SimBatch batch) {
        truth.committed.put(batch.header().baseOffset(), batch);
        long next = batch.header().nextOffset();
        truth.hashes.put(next, log.prefixHash(next));
        return next;
    }

    /** P1 and R8: whoever may lead next has what was just committed, in the way that the flush mode asks for. */
    private void held(SimReplica leader, BrokerId member, long end) {
        SimStorage storage = cluster.machine(member.value()).storage();
        if (storage.isLost(leader.partition())) {
            return;
        }
        SimLog log = storage.content(leader.partition());
        check(
                log != null && log.prefixHash(end) == leader.content().prefixHash(end),
                "P1, R8",
                () -> leader + " commits up to " + end + ", but broker " + member + " may lead and lacks it");
        check(
                log.flushMode() == FlushMode.OS || log.flushedOffset() >= end,
                "P1",
                () -> leader + " commits up to " + end + ", but broker " + member + " has flushed only "
                        + log.flushedOffset());
    }

    /** P1, P3: whoever is in one of the sets from now on has everything that is committed. */
    void setsChanged(PartitionRecord partition) {
        Truth truth = truth(partition.id());
        long end = truth.committedEnd;
        List<BrokerId> members = new ArrayList<>(partition.isr());
        members.addAll(partition.eligible());
        for (BrokerId member : members) {
            SimStorage storage = cluster.machine(member.value()).storage();
            SimLog log = storage.content(partition.id());
            long known = truth.hashes.floorEntry(end).getValue();
            long held = log == null ? (end == 0 ? known : -1) : log.prefixHash(truth.hashes.floorKey(end));
            check(
                    storage.isLost(partition.id()) || held == known,
                    "P1, P3",
                    () -> "broker " + member + " is in one of the sets of " + partition
                            + ", but lacks what is committed" + " below " + end);
        }
    }

    /** P2: a client got its answer. */
    void acknowledged(PartitionId partition, String payload, ProduceOutcome.Acknowledged outcome) {
        Truth truth = truth(partition);
        truth.acknowledged++;
        SimBatch committed = truth.committed.get(outcome.baseOffset());
        check(
                (committed != null && committed.payload().equals(payload))
                        || outcome.leaderEpoch() < truth.lostIn.getOrDefault(payload, -1),
                "P2",
                () -> "acknowledged but not committed at " + outcome.baseOffset() + ": " + payload + "; there is "
                        + committed);
        check(
                outcome.duplicate() || outcome.replicasHolding() >= cluster.minimum(),
                "P2",
                () -> "acknowledged with " + outcome.replicasHolding() + " replicas holding: " + payload);
    }

    /** P4: a consumer got a batch. */
    void consumed(PartitionId partition, SimBatch batch) {
        Truth truth = truth(partition);
        Position position =
                new Position(batch.header().baseOffset(), batch.header().leaderEpoch());
        check(
                isCommitted(partition, batch) || batch.payload().equals(truth.lost.get(position)),
                "P4",
                () -> "a consumer read " + batch + ", committed is " + truth.committed.get(position.baseOffset()));
    }

    // ---- at the end

    /** Why the cluster is not at rest, or null where it is. */
    String unrest() {
        for (PartitionId partition : cluster.partitions()) {
            PartitionImage image = cluster.partitionImage(partition).orElse(null);
            if (image == null) {
                return partition + " is not there";
            }
            if (!image.hasLeader() || image.isr().size() < image.replicas().size()) {
                return partition + " has leader " + image.leader() + " and in-sync set " + image.isr();
            }
            if (image.reassignment().isPresent()) {
                return partition + " is on its way from " + image.replicaIds() + ": " + image.reassignment();
            }
            check(
                    truth(partition).cuts.containsKey(image.lastUncleanEpoch()) || image.lastUncleanEpoch() < 0,
                    "P6",
                    () -> partition + " had an unclean leader");
            SimProcess process = cluster.process(image.leader());
            SimReplica leader = process == null ? null : process.replica(partition);
            if (leader == null || !leader.core().isLeader()) {
                return partition + " is not led by broker " + image.leader() + " yet";
            }
            long end = leader.content().logEndOffset();
            for (BrokerId member : image.isr()) {
                SimLog log = cluster.machine(member.value()).storage().content(partition);
                if (log == null) {
                    return partition + ": broker " + member + " has no log yet";
                }
                if (log.logStartOffset() != leader.content().logStartOffset()) {
                    return partition + ": log start " + leader.content().logStartOffset() + ", of broker " + member
                            + " " + log.logStartOffset();
                }
                if (log.logEndOffset() != end || leader.core().highWatermark() != end) {
                    return partition + ": log end " + end + ", high watermark "
                            + leader.core().highWatermark() + ", log end of broker " + member + " "
                            + log.logEndOffset();
                }
                check(
                        log.prefixHash(end) == leader.content().prefixHash(end),
                        "R3",
                        () -> partition + ": the logs of brokers " + image.leader() + " and " + member + " differ");
            }
        }
        return strayReplica();
    }

    /** A replica that the metadata do not have where it is; null where there is none. */
    private String strayReplica() {
        for (SimMachine machine : cluster.machines()) {
            for (SimReplica replica : machine.process().replicas()) {
                boolean isKnown = cluster.partitionImage(replica.partition())
                        .filter(image -> image.isReplica(machine.process().brokerId()))
                        .isPresent();
                if (!isKnown) {
                    return replica + " is still there";
                }
            }
        }
        return null;
    }

    private static boolean isBehind(Truth truth, SimReplica replica) {
        return replica.core()
                .configuration()
                .filter(configuration -> truth.isBehind(replica, configuration))
                .isPresent();
    }

    private interface Message {
        String text();
    }

    private static void check(boolean holds, String rule, Message message) {
        if (!holds) {
            throw new SimulationFailure(rule + " broken: " + message.text());
        }
    }
}
