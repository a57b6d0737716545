package io.lograft.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.PartitionTarget;
import io.lograft.metadata.command.Reassignment;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Thousands of random commands, good and bad, with the invariants checked after each. Replay one seed with {@code
 * -Dlograft.seed=N}.
 */
final class RandomCommandsTest {
    private static final int STEPS = 1_300;
    private static final int BROKERS = 5;

    static LongStream seeds() {
        Long chosen = Long.getLong("lograft.seed");
        return chosen != null ? LongStream.of(chosen) : LongStream.rangeClosed(1, 10);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyImageObeysTheInvariants(long seed) {
        Random random = new Random(seed);
        MetadataWorld world = MetadataWorld.withBrokers(3);
        Map<ErrorCode, Integer> outcomes = new EnumMap<>(ErrorCode.class);
        int unclean = 0;
        int finished = 0;
        for (int step = 0; step < STEPS; step++) {
            MetadataCommand command = command(random, world.image());
            assertThat(CommandCodec.fromBytes(CommandCodec.toBytes(command))).isEqualTo(command);
            ClusterImage before = world.image();
            CommandReply reply = world.submit(command);
            finished += finishedCount(before, world.image());
            assertThat(ReplyCodec.fromBytes(ReplyCodec.toBytes(reply))).isEqualTo(reply);
            count(outcomes, reply);
            unclean += uncleanCount(world.image());
        }
        assertReplays(world);
        // The commands are worth something only if most kinds of outcome occur.
        assertThat(outcomes)
                .as("seed " + seed)
                .containsKeys(
                        ErrorCode.NONE,
                        ErrorCode.NOT_LEADER,
                        ErrorCode.STALE_PARTITION_EPOCH,
                        ErrorCode.STALE_BROKER_EPOCH,
                        ErrorCode.INELIGIBLE_REPLICA,
                        ErrorCode.UNKNOWN_TOPIC,
                        ErrorCode.NO_REASSIGNMENT,
                        ErrorCode.UNKNOWN_BROKER,
                        ErrorCode.ELECTION_NOT_NEEDED,
                        ErrorCode.NO_ELIGIBLE_LEADER,
                        ErrorCode.TOPIC_ALREADY_EXISTS);
        assertThat(finished).as("seed " + seed + ": reassignments at their end").isPositive();
        assertThat(unclean).as("seed " + seed + ": leaders after a power loss").isPositive();
    }

    /** The records, by way of their bytes, lead to the same image again; so do those of the last image alone. */
    private static void assertReplays(MetadataWorld world) {
        ClusterImage replayed = ClusterImage.empty();
        for (List<MetadataRecord> records : world.history()) {
            List<MetadataRecord> decoded = new ArrayList<>();
            for (MetadataRecord record : records) {
                decoded.add(RecordCodec.fromBytes(RecordCodec.toBytes(record)));
            }
            assertThat(decoded).isEqualTo(records);
            replayed = replayed.apply(replayed.index() + 1, decoded);
        }
        assertThat(replayed).isEqualTo(world.image());
        List<MetadataRecord> state = world.image().toRecords();
        assertThat(state.stream().map(MetadataRecord::key)).isSorted().doesNotHaveDuplicates();
        assertThat(ClusterImage.empty().apply(world.image().index(), state)).isEqualTo(world.image());
    }

    private static void count(Map<ErrorCode, Integer> outcomes, CommandReply reply) {
        outcomes.merge(reply.error(), 1, Integer::sum);
        if (reply.result() instanceof CommandReply.Parts parts) {
            parts.replies().forEach(part -> count(outcomes, part));
        }
    }

    /** Replicas that were on their way before, and are the target now. */
    private static int finishedCount(ClusterImage before, ClusterImage after) {
        int count = 0;
        for (TopicImage topic : after.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                PartitionId id = new PartitionId(topic.id(), partition.partition());
                Optional<List<BrokerId>> target = before.partition(id)
                        .flatMap(PartitionImage::reassignment)
                        .map(Reassignment::target);
                count += partition.reassignment().isEmpty() && target.equals(Optional.of(partition.replicaIds()))
                        ? 1
                        : 0;
            }
        }
        return count;
    }

    private static int uncleanCount(ClusterImage image) {
        int count = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += partition.isUnclean() ? 1 : 0;
            }
        }
        return count;
    }

    private static MetadataCommand command(Random random, ClusterImage image) {
        int kind = random.nextInt(114);
        if (kind < 12) {
            int id = 1 + random.nextInt(BROKERS);
            return registration(random, id);
        } else if (kind < 32) {
            BrokerRef broker = broker(random, image);
            return new MetadataCommand.UnfenceBroker(broker, lost(random, image, broker));
        } else if (kind < 42) {
            List<BrokerRef> brokers = new ArrayList<>();
            for (int count = random.nextInt(BROKERS); count >= 0; count--) {
                brokers.add(broker(random, image));
            }
            return new MetadataCommand.FenceBrokers(brokers);
        } else if (kind < 45) {
            return new MetadataCommand.DrainBroker(broker(random, image), random.nextBoolean());
        } else if (kind < 50) {
            return createTopic(random);
        } else if (kind < 52) {
            return new MetadataCommand.DeleteTopic("topic-" + random.nextInt(8), Optional.empty());
        } else if (kind < 54) {
            return new MetadataCommand.AddPartitions(
                    "topic-" + random.nextInt(8), random.nextInt(12), random.nextLong());
        } else if (kind < 56) {
            return new MetadataCommand.AlterTopic(
                    "topic-" + random.nextInt(8),
                    new TreeMap<>(alterations(random)),
                    random.nextBoolean() ? new TreeSet<>(Set.of("retention.bytes")) : new TreeSet<>(),
                    random.nextInt(4) == 0);
        } else if (kind < 90) {
            List<IsrProposal> proposals = new ArrayList<>();
            for (int count = random.nextInt(4); count >= 0; count--) {
                proposal(random, image).ifPresent(proposals::add);
            }
            return new MetadataCommand.AlterIsr(proposals);
        } else if (kind < 93) {
            return handOver(random, image);
        } else if (kind < 96) {
            return elect(random, image);
        } else if (kind < 98) {
            return new MetadataCommand.ElectPreferredLeaders(random.nextInt(4));
        } else if (kind < 106) {
            return kind < 102 ? report(random, image) : assign(random, image);
        } else if (kind < 113) {
            return reassign(random, image);
        }
        return new MetadataCommand.AllocateProducerIds(broker(random, image), random.nextInt(200) - 10);
    }

    private static MetadataCommand registration(Random random, int id) {
        MetadataCommand.RegisterBroker one = MetadataWorld.registration(
                id,
                random.nextInt(20) == 0 ? "another" : "test-cluster",
                MetadataWorld.directory(random.nextInt(8) == 0 ? 100 + random.nextInt(50) : id),
                random.nextInt(4) != 0);
        List<DirectoryId> directories = new ArrayList<>(one.directories());
        if (random.nextInt(4) == 0) {
            directories.add(MetadataWorld.directory(200 + id));
        }
        return new MetadataCommand.RegisterBroker(
                one.id(),
                one.incarnation(),
                one.clusterId(),
                one.address(),
                directories,
                random.nextInt(8) != 0,
                one.replaceLive());
    }

    /** Mostly by the present leader; sometimes stale in one point. */
    private static Map<String, String> alterations(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Map.of("retention.ms", Integer.toString(random.nextInt(1_000)));
            case 1 -> Map.of("min.insync.replicas", Integer.toString(1 + random.nextInt(4)));
            default -> Map.of("flush.mode", random.nextBoolean() ? "os" : "commit", "segment.ms", "5");
        };
    }

    private static MetadataCommand handOver(Random random, ClusterImage image) {
        List<HandOverRequest> requests = new ArrayList<>();
        for (int count = random.nextInt(3); count >= 0; count--) {
            proposal(random, image)
                    .map(proposal ->
                            new HandOverRequest(proposal.partition(), proposal.leader(), proposal.leaderEpoch()))
                    .ifPresent(requests::add);
        }
        return new MetadataCommand.HandOverLeadership(requests);
    }

    private static MetadataCommand report(Random random, ClusterImage image) {
        BrokerRef broker = broker(random, image);
        List<DirectoryId> usable = directories(image, broker);
        return new MetadataCommand.ReportDirectories(
                broker,
                random.nextInt(6) == 0 ? usable.subList(0, Math.min(1, usable.size())) : List.of(),
                random.nextInt(3) == 0 ? usable : List.of());
    }

    private static MetadataCommand assign(Random random, ClusterImage image) {
        BrokerRef broker = broker(random, image);
        List<DirectoryId> usable = directories(image, broker);
        List<DirectoryAssignment> assignments = new ArrayList<>();
        for (int count = random.nextInt(3); count >= 0; count--) {
            DirectoryId directory = usable.isEmpty() || random.nextInt(10) == 0
                    ? MetadataWorld.directory(77)
                    : usable.get(random.nextInt(usable.size()));
            proposal(random, image)
                    .ifPresent(proposal -> assignments.add(new DirectoryAssignment(proposal.partition(), directory)));
        }
        return new MetadataCommand.AssignDirectories(broker, assignments);
    }

    private static List<DirectoryId> directories(ClusterImage image, BrokerRef broker) {
        return image.brokers().get(broker.id()).directories().usable();
    }

    private static MetadataCommand elect(Random random, ClusterImage image) {
        LeaderElection election = random.nextInt(3) == 0 ? LeaderElection.UNCLEAN : LeaderElection.PREFERRED;
        List<PartitionId> partitions = new ArrayList<>();
        for (int count = random.nextInt(3); count >= 0; count--) {
            proposal(random, image).map(IsrProposal::partition).ifPresent(partitions::add);
        }
        return new MetadataCommand.ElectLeaders(partitions, election);
    }

    private static MetadataCommand reassign(Random random, ClusterImage image) {
        Map<PartitionId, PartitionTarget> targets = new TreeMap<>();
        for (int count = random.nextInt(3); count >= 0; count--) {
            List<BrokerId> replicas = new ArrayList<>();
            for (int left = random.nextInt(5); left > 0; left--) {
                BrokerId broker = new BrokerId(1 + random.nextInt(random.nextInt(10) == 0 ? 9 : BROKERS));
                if (!replicas.contains(broker) || random.nextInt(30) == 0) {
                    replicas.add(broker);
                }
            }
            proposal(random, image)
                    .map(IsrProposal::partition)
                    .ifPresent(partition -> targets.put(partition, new PartitionTarget(partition, replicas)));
        }
        return new MetadataCommand.ReassignPartitions(
                List.copyOf(targets.values()), random.nextInt(50) - 1, random.nextInt(10) == 0);
    }

    private static MetadataCommand.CreateTopic createTopic(Random random) {
        Map<String, String> configs = new TreeMap<>();
        if (random.nextBoolean()) {
            configs.put("min.insync.replicas", Integer.toString(1 + random.nextInt(3)));
        }
        return new MetadataCommand.CreateTopic(
                new TopicId(random.nextLong(), random.nextLong()),
                random.nextInt(20) == 0 ? "not a name" : "topic-" + random.nextInt(8),
                random.nextInt(5),
                random.nextInt(5),
                new TreeMap<>(configs),
                new TopicDefaults(2, 3, 2, random.nextBoolean() ? FlushMode.OS : FlushMode.COMMIT),
                random.nextLong(),
                false,
                random.nextInt(10) == 0);
    }

    private static BrokerRef broker(Random random, ClusterImage image) {
        List<BrokerImage> brokers = List.copyOf(image.brokers().values());
        BrokerImage broker = brokers.get(random.nextInt(brokers.size()));
        return random.nextInt(15) == 0 ? new BrokerRef(broker.id(), broker.epoch() - 1) : broker.ref();
    }

    private static List<LostReplica> lost(Random random, ClusterImage image, BrokerRef broker) {
        List<LostReplica> lost = new ArrayList<>();
        if (random.nextInt(3) != 0) {
            return lost;
        }
        boolean isDisk = random.nextInt(3) == 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.isReplica(broker.id()) && random.nextInt(4) != 0) {
                    lost.add(new LostReplica(
                            new PartitionId(topic.id(), partition.partition()),
                            isDisk ? LostReplica.Cause.DISK : LostReplica.Cause.UNFLUSHED_TAIL,
                            random.nextInt(4) - 1,
                            random.nextInt(100)));
                }
            }
        }
        return lost;
    }

    /** Mostly what a leader could propose now; sometimes stale or wrong in one point. */
    private static Optional<IsrProposal> proposal(Random random, ClusterImage image) {
        List<TopicImage> topics = List.copyOf(image.topics());
        if (topics.isEmpty()) {
            return Optional.empty();
        }
        TopicImage topic = topics.get(random.nextInt(topics.size()));
        PartitionImage partition =
                topic.partitions().get(random.nextInt(topic.partitions().size()));
        List<BrokerRef> members = new ArrayList<>();
        for (BrokerId replica : partition.replicaIds()) {
            boolean isNeeded = partition.isLedBy(replica);
            if (isNeeded || random.nextInt(3) != 0) {
                long epoch = image.brokers().get(replica).epoch();
                members.add(new BrokerRef(replica, random.nextInt(30) == 0 ? epoch - 1 : epoch));
            }
        }
        BrokerId leader = partition.hasLeader()
                ? new BrokerId(partition.leader())
                : partition.replicaIds().get(0);
        int wrong = random.nextInt(20);
        return Optional.of(new IsrProposal(
                new PartitionId(wrong == 0 ? new TopicId(1, 1) : topic.id(), partition.partition()),
                new BrokerRef(leader, image.brokers().get(leader).epoch() - (wrong == 1 ? 1 : 0)),
                partition.leaderEpoch() - (wrong == 2 ? 1 : 0),
                partition.partitionEpoch() - (wrong == 3 ? 1 : 0),
                members));
    }
}
