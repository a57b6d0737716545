package io.lograft.metadata.command;

import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** A wish for a change of the metadata, as it stands in the log. What becomes of it is in the reply. */
public sealed interface MetadataCommand {

    /** Changes nothing; its reply shows that everything before it is committed. */
    record NoOp() implements MetadataCommand {}

    /** Makes an empty quorum a cluster; sent by the first controller. Refused once the cluster has an id. */
    record FormCluster(String clusterId, int metadataVersion) implements MetadataCommand {}

    /**
     * A broker process announces itself, and gets a new broker epoch; it is fenced until {@link UnfenceBroker}.
     *
     * @param incarnation random id of the process
     * @param clusterId the cluster id in the broker's directories; empty where they are new
     * @param directories log directories that are usable
     * @param isComplete whether these are all that are configured: one that was there before and is missing was taken
     *     away for good, and what was in it is refilled elsewhere. Otherwise it may come back
     * @param replaceLive whether the controller knows that the process that holds the id is gone: without it a
     *     registration of an id that another unfenced process has is refused
     */
    record RegisterBroker(
            BrokerId id,
            UUID incarnation,
            String clusterId,
            BrokerAddress address,
            List<DirectoryId> directories,
            boolean isComplete,
            boolean replaceLive)
            implements MetadataCommand {
        public RegisterBroker {
            directories = directories.stream().sorted().distinct().toList();
        }

        /** With all its directories. */
        public RegisterBroker(
                BrokerId id,
                UUID incarnation,
                String clusterId,
                BrokerAddress address,
                List<DirectoryId> directories,
                boolean replaceLive) {
            this(id, incarnation, clusterId, address, directories, true, replaceLive);
        }
    }

    /**
     * A registered broker has recovered its logs and asks to take part. The replicas named leave the in-sync and the
     * eligible sets in the same change.
     */
    record UnfenceBroker(BrokerRef broker, List<LostReplica> lost) implements MetadataCommand {
        public UnfenceBroker {
            lost = List.copyOf(lost);
        }
    }

    /**
     * A registered broker tells how its log directories are.
     *
     * @param failed can be used no more until its process is another one
     * @param full take no records now
     */
    record ReportDirectories(BrokerRef broker, List<DirectoryId> failed, List<DirectoryId> full)
            implements MetadataCommand {
        public ReportDirectories {
            failed = failed.stream().sorted().distinct().toList();
            full = full.stream().sorted().distinct().toList();
        }
    }

    /** A broker tells in which directories its replicas are from now on; each is decided by itself, in this order. */
    record AssignDirectories(BrokerRef broker, List<DirectoryAssignment> assignments) implements MetadataCommand {
        public AssignDirectories {
            assignments = List.copyOf(assignments);
        }
    }

    /** Takes brokers out of all in-sync sets and leaderships; those that registered anew since are left alone. */
    record FenceBrokers(List<BrokerRef> brokers) implements MetadataCommand {
        public FenceBrokers {
            brokers = List.copyOf(brokers);
        }
    }

    /**
     * Moves leadership away from a broker, and lets it into no in-sync set any more until it registers anew.
     *
     * @param onlyIfSafe refuse where a partition would be left without a leader or below its minimum. A broker that
     *     stops asks without, as it stops in any case; an operator asks with
     */
    record DrainBroker(BrokerRef broker, boolean onlyIfSafe) implements MetadataCommand {
        /** For a broker that stops. */
        public DrainBroker(BrokerRef broker) {
            this(broker, false);
        }
    }

    /**
     * Makes a topic.
     *
     * @param id random, made by the broker that was asked
     * @param partitionCount 0: as in the defaults
     * @param replicationFactor 0: as in the defaults, or the number of live brokers where that is less
     * @param placementSeed random; turns the placement, so that topics do not all start at the same broker
     * @param validateOnly answer as if the topic were made, but change nothing
     */
    record CreateTopic(
            TopicId id,
            String name,
            int partitionCount,
            int replicationFactor,
            SortedMap<String, String> configs,
            TopicDefaults defaults,
            long placementSeed,
            boolean internal,
            boolean validateOnly)
            implements MetadataCommand {
        public CreateTopic {
            configs = Collections.unmodifiableSortedMap(new TreeMap<>(configs));
        }
    }

    /** Removes a topic; where an id is given, only the topic that has both. */
    record DeleteTopic(String name, Optional<TopicId> id) implements MetadataCommand {}

    /**
     * Raises the number of partitions of a topic; the new ones get as many replicas as the others.
     *
     * @param partitionCount what the topic has afterwards
     * @param placementSeed random, as for a new topic
     */
    record AddPartitions(String name, int partitionCount, long placementSeed) implements MetadataCommand {}

    /**
     * Changes settings of a topic.
     *
     * @param set new values by key
     * @param remove keys whose settings are taken away
     * @param validateOnly answer as if they were changed, but change nothing
     */
    record AlterTopic(String name, SortedMap<String, String> set, SortedSet<String> remove, boolean validateOnly)
            implements MetadataCommand {
        public AlterTopic {
            set = Collections.unmodifiableSortedMap(new TreeMap<>(set));
            remove = Collections.unmodifiableSortedSet(new TreeSet<>(remove));
        }
    }

    /** Changes in-sync sets; each proposal is decided by itself, in the order of the list. */
    record AlterIsr(List<IsrProposal> proposals) implements MetadataCommand {
        public AlterIsr {
            proposals = List.copyOf(proposals);
        }
    }

    /** Takes a block of producer ids that nobody else gets. */
    record AllocateProducerIds(BrokerRef broker, int count) implements MetadataCommand {}

    /** Returns leadership to the first replica in assignment where that is in sync; at most so many partitions. */
    record ElectPreferredLeaders(int partitionsMax) implements MetadataCommand {}

    /**
     * Leaders ask that others lead in their place; each request is decided by itself, in the order of the list. The
     * request says why only to people.
     */
    record HandOverLeadership(List<HandOverRequest> requests) implements MetadataCommand {
        public HandOverLeadership {
            requests = List.copyOf(requests);
        }
    }

    /**
     * Gives partitions other replicas; each target is decided by itself, in the order of the list.
     *
     * @param throttleBytesPerSecond see {@link Reassignment}
     * @param validateOnly answer as if they were given, but change nothing
     */
    record ReassignPartitions(List<PartitionTarget> targets, long throttleBytesPerSecond, boolean validateOnly)
            implements MetadataCommand {
        public ReassignPartitions {
            targets = List.copyOf(targets);
        }
    }

    /** An operator's wish about who leads; each partition is decided by itself, in the order of the list. */
    record ElectLeaders(List<PartitionId> partitions, LeaderElection election) implements MetadataCommand {
        public ElectLeaders {
            partitions = List.copyOf(partitions);
        }
    }
}
