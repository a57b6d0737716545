package io.lograft.broker.cluster;

import io.lograft.broker.log.PartitionLog;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Works out which replicas a broker cannot vouch for, after a start and later. Pure.
 *
 * <p>A replica is looked for in the directory that the metadata name, and nowhere else. One whose directory cannot be used
 * now is not lost but offline, as long as a directory that is configured is missing.
 *
 * <p>A log that is not there is no loss where the directory is the one that the broker had before: a partition's
 * directory is made durably before its first append, so the replica has never had a record. It is a loss where the
 * directory is new, and the broker is not.
 */
public final class LostReplicas {

    /**
     * How the log directory was found.
     *
     * @param isNew it had never been used
     * @param brokerEpoch the registration recorded in it, -1 for none
     * @param tailsAreSafe what was in the page cache when the last process ended is still there
     */
    public record Found(boolean isNew, long brokerEpoch, boolean tailsAreSafe) {}

    /** The state of one replica's log after recovery. */
    public record LogState(FlushMode mode, int lastEpoch, long logEndOffset) {
        /** Asks a log that nobody changes now. */
        public static LogState of(PartitionLog log) {
            return new LogState(log.flushMode(), log.lastEpoch(), log.logEndOffset());
        }
    }

    /** A directory that can be used, and the logs in it. */
    public record Directory(
            DirectoryId id, Found found, Map<PartitionId, LogState> recovered, Set<PartitionId> damaged) {}

    private LostReplicas() {}

    /**
     * True where the directory is not the one that the broker had when it was let in last: another one, or an old copy.
     * The new registration must not be recorded in it before the loss is told. A process that dies in between would leave
     * a directory that looks like the one that the broker had all the time.
     */
    public static boolean isForgetful(ClusterImage image, BrokerId self, DirectoryId directory, Found found) {
        long lastUnfenced = image.broker(self)
                .map(own -> own.directories().lastUnfencedEpoch(directory, own.lastUnfencedEpoch()))
                .orElse(-1L);
        return found.brokerEpoch() < lastUnfenced;
    }

    /** What the topics of today call by these names: a directory that has lost its topic id may be one of them. */
    public static Set<PartitionId> byName(ClusterImage image, Set<TopicPartition> names) {
        Set<PartitionId> found = new HashSet<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (names.contains(new TopicPartition(topic.name(), partition.partition()))) {
                    found.add(new PartitionId(topic.id(), partition.partition()));
                }
            }
        }
        return found;
    }

    /**
     * Whether others go on without this replica: another broker that is live holds every committed record. If not, a
     * damaged replica is better than none.
     */
    public static boolean canBeSpared(ClusterImage image, BrokerId self, PartitionId id) {
        return image.partition(id)
                .filter(partition -> Stream.concat(partition.isr().stream(), partition.eligible().stream())
                        .filter(member -> !member.equals(self))
                        .flatMap(member -> image.broker(member).stream())
                        .anyMatch(BrokerImage::isLive))
                .isPresent();
    }

    /** Of replicas whose logs were found damaged since the start, those that an in-sync or eligible set counts on. */
    public static List<LostReplica> ofDamaged(ClusterImage image, BrokerId self, Set<PartitionId> damaged) {
        List<LostReplica> lost = new ArrayList<>();
        for (PartitionId id : damaged) {
            image.partition(id)
                    .filter(partition -> isCountedOn(partition, self))
                    .ifPresent(partition -> lost.add(new LostReplica(id, LostReplica.Cause.DISK, -1, 0)));
        }
        return lost;
    }

    /**
     * The replicas of this broker that an in-sync or eligible set counts on, and that may lack records.
     *
     * @param isComplete these are all directories that are configured: what was in another is gone for good
     */
    public static List<LostReplica> find(
            ClusterImage image, BrokerId self, List<Directory> directories, boolean isComplete) {
        List<LostReplica> lost = new ArrayList<>();
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (isCountedOn(partition, self)) {
                    PartitionId id = new PartitionId(topic.id(), partition.partition());
                    DirectoryId named = partition
                            .replica(self)
                            .map(ReplicaAssignment::directory)
                            .orElse(DirectoryId.UNASSIGNED);
                    loss(image, self, id, candidates(directories, named, id), isComplete)
                            .ifPresent(lost::add);
                }
            }
        }
        return lost;
    }

    /** The directory that the metadata name; for a replica that has none yet that with a log of it, or else all. */
    private static List<Directory> candidates(List<Directory> directories, DirectoryId named, PartitionId id) {
        if (named.isAssigned()) {
            return directories.stream()
                    .filter(directory -> directory.id().equals(named))
                    .toList();
        }
        Optional<Directory> found = directories.stream()
                .filter(directory -> directory.recovered().containsKey(id))
                .findFirst();
        return found.map(List::of).orElse(directories);
    }

    private static Optional<LostReplica> loss(
            ClusterImage image, BrokerId self, PartitionId id, List<Directory> candidates, boolean isComplete) {
        LostReplica whole = new LostReplica(id, LostReplica.Cause.DISK, -1, 0);
        if (candidates.isEmpty()) {
            return isComplete ? Optional.of(whole) : Optional.empty();
        }
        LogState log = candidates.get(0).recovered().get(id);
        if (log == null) {
            boolean isDamaged = candidates.stream()
                    .anyMatch(directory -> directory.damaged().contains(id));
            boolean isForgotten = candidates.stream()
                    .allMatch(directory -> isForgetful(image, self, directory.id(), directory.found()));
            return isDamaged || isForgotten ? Optional.of(whole) : Optional.empty();
        }
        Found found = candidates.get(0).found();
        if (isForgetful(image, self, candidates.get(0).id(), found) && !found.isNew()) {
            return Optional.of(new LostReplica(id, LostReplica.Cause.DISK, log.lastEpoch(), log.logEndOffset()));
        }
        boolean lacksTail = log.mode() == FlushMode.OS && !found.tailsAreSafe();
        return lacksTail
                ? Optional.of(
                        new LostReplica(id, LostReplica.Cause.UNFLUSHED_TAIL, log.lastEpoch(), log.logEndOffset()))
                : Optional.empty();
    }

    private static boolean isCountedOn(PartitionImage partition, BrokerId self) {
        return partition.isr().contains(self) || partition.eligible().contains(self);
    }
}
