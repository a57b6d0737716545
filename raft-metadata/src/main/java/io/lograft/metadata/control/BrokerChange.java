package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand.DrainBroker;
import io.lograft.metadata.command.MetadataCommand.FenceBrokers;
import io.lograft.metadata.command.MetadataCommand.UnfenceBroker;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Fencing, unfencing and draining: what a broker's change does to itself and to all partitions that it is in. */
final class BrokerChange {
    private BrokerChange() {}

    /** Fences all brokers named that still have that registration, in one step. */
    static Decision fence(ClusterImage image, long index, FenceBrokers command) {
        List<BrokerImage> changed = new ArrayList<>();
        for (BrokerRef ref : new TreeSet<>(command.brokers())) {
            image.broker(ref.id())
                    .filter(broker -> broker.epoch() == ref.epoch() && broker.isLive())
                    .ifPresent(broker -> changed.add(broker.withFenced()));
        }
        return settle(image, index, changed, Map.of());
    }

    /** Marks the broker as draining, and takes it out of what others can do without it. */
    static Decision drain(ClusterImage image, long index, DrainBroker command) {
        Optional<Decision> refusal = checkRegistration(image, command.broker());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        BrokerImage broker = image.brokers().get(command.broker().id());
        if (command.onlyIfSafe()) {
            Optional<Decision> harm = DrainSafety.check(image, broker);
            if (harm.isPresent()) {
                return harm.get();
            }
        }
        return settle(image, index, List.of(broker.withDraining()), Map.of());
    }

    /** Lets the broker take part, but for the replicas that it cannot vouch for. */
    static Decision unfence(ClusterImage image, long index, UnfenceBroker command) {
        Optional<Decision> refusal = checkRegistration(image, command.broker());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        BrokerImage broker = image.brokers().get(command.broker().id());
        if (broker.isLive()) {
            // The same command again. What the broker could not vouch for then may be in sync by now.
            return new Decision(List.of(), CommandReply.ok(new CommandReply.PartitionsChanged(0)));
        }
        Map<PartitionId, LostReplica> lost = new TreeMap<>();
        for (LostReplica replica : command.lost()) {
            lost.put(replica.partition(), replica);
        }
        return settle(image, index, List.of(broker.withUnfenced()), lost);
    }

    /** The refusal for a broker that is not known under that registration. */
    static Optional<Decision> checkRegistration(ClusterImage image, BrokerRef ref) {
        Optional<BrokerImage> broker = image.broker(ref.id());
        if (broker.isEmpty()) {
            return Optional.of(Decision.refused(ErrorCode.UNKNOWN_BROKER, "no broker has registered as " + ref.id()));
        }
        long epoch = broker.get().epoch();
        if (epoch != ref.epoch()) {
            return Optional.of(Decision.refused(
                    ErrorCode.STALE_BROKER_EPOCH,
                    "broker " + ref.id() + " has broker epoch " + epoch + ", not " + ref.epoch()));
        }
        return Optional.empty();
    }

    /**
     * The brokers' new states, and those of all partitions that they have replicas of. {@code lost} holds replicas of
     * the only broker that changed.
     */
    static Decision settle(
            ClusterImage image, long index, List<BrokerImage> brokers, Map<PartitionId, LostReplica> lost) {
        List<MetadataRecord> records = new ArrayList<>();
        Set<BrokerId> ids = new TreeSet<>();
        for (BrokerImage broker : brokers) {
            ids.add(broker.id());
            if (!broker.equals(image.brokers().get(broker.id()))) {
                records.add(broker.toRecord());
            }
        }
        ClusterImage changed = image.apply(index, records);
        LeaderChoice choice = new LeaderChoice(changed);
        int partitionsChanged = 0;
        for (TopicImage topic : changed.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (!hasReplicaAt(partition, ids)) {
                    continue;
                }
                PartitionDraft draft = new PartitionDraft(topic, partition);
                LostReplica lostHere = lost.get(new PartitionId(topic.id(), partition.partition()));
                if (lostHere != null) {
                    lose(topic, draft, brokers.get(0), lostHere);
                }
                brokers.forEach(broker -> leaveGoneDirectory(draft, broker));
                choice.settle(topic, draft);
                PartitionImage after = draft.result();
                if (!after.equals(partition)) {
                    records.add(after.toRecord(topic.id()));
                    partitionsChanged++;
                }
            }
        }
        return new Decision(records, CommandReply.ok(new CommandReply.PartitionsChanged(partitionsChanged)));
    }

    private static void lose(TopicImage topic, PartitionDraft draft, BrokerImage broker, LostReplica lost) {
        // A topic that flushes before it acknowledges has no tails to lose: whatever is missing is a disk's fault.
        LostReplica.Cause cause = topic.flushMode() == FlushMode.OS ? lost.cause() : LostReplica.Cause.DISK;
        draft.lose(broker.id(), lost, cause);
        moveIfGone(draft, broker);
    }

    /**
     * Gives a replica that no set counts on a directory that the broker has, where the one it was in was taken away for
     * good. Without it the replica could refill, but never be in sync again. One that counts is lost first, by the
     * broker's word.
     */
    private static void leaveGoneDirectory(PartitionDraft draft, BrokerImage broker) {
        if (!broker.isLive()
                || draft.isr().contains(broker.id())
                || draft.eligible().contains(broker.id())) {
            return;
        }
        moveIfGone(draft, broker);
    }

    private static void moveIfGone(PartitionDraft draft, BrokerImage broker) {
        draft.replica(broker.id())
                .filter(replica -> isGone(broker, replica.directory()))
                .ifPresent(replica -> draft.moveTo(broker.id(), directoryFor(broker)));
    }

    private static boolean isGone(BrokerImage broker, DirectoryId directory) {
        return !broker.hasDirectory(directory) && !broker.directories().isOffline(directory);
    }

    /** The directory for a replica at the broker; one that has several knows best which is the emptiest. */
    static DirectoryId directoryFor(BrokerImage broker) {
        List<DirectoryId> directories = broker.directories().usable();
        return directories.size() == 1 ? directories.get(0) : DirectoryId.UNASSIGNED;
    }

    private static boolean hasReplicaAt(PartitionImage partition, Set<BrokerId> brokers) {
        for (BrokerId broker : brokers) {
            if (partition.isReplica(broker)) {
                return true;
            }
        }
        return false;
    }
}
