package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** A metadata log in memory, for tests: commands go in, the image follows, and the invariants are checked each time. */
public final class MetadataWorld {
    private final MetadataInvariants invariants = new MetadataInvariants();
    private final List<List<MetadataRecord>> history = new ArrayList<>();
    private ClusterImage image = ClusterImage.empty();
    private long topicsMade;

    /** A formed cluster whose brokers 1 to the number given are unfenced. */
    public static MetadataWorld withBrokers(int brokerCount) {
        MetadataWorld world = new MetadataWorld();
        world.submit(new MetadataCommand.FormCluster("test-cluster", 1));
        for (int id = 1; id <= brokerCount; id++) {
            world.start(id);
        }
        return world;
    }

    public ClusterImage image() {
        return image;
    }

    /** The records of each command so far. */
    public List<List<MetadataRecord>> history() {
        return history;
    }

    public CommandReply submit(MetadataCommand command) {
        long index = image.index() + 1;
        Decision decision = MetadataControl.decide(image, index, command);
        ClusterImage after = image.apply(index, decision.records());
        invariants.check(image, command, after);
        history.add(decision.records());
        image = after;
        return decision.reply();
    }

    /** Registers and unfences. */
    public BrokerRef start(int id, LostReplica... lost) {
        BrokerRef ref = register(id);
        submit(new MetadataCommand.UnfenceBroker(ref, List.of(lost)));
        return ref;
    }

    public BrokerRef register(int id) {
        submit(registration(id, "test-cluster", directory(id), true));
        return ref(id);
    }

    public static MetadataCommand.RegisterBroker registration(
            int id, String clusterId, DirectoryId directory, boolean replaceLive) {
        return new MetadataCommand.RegisterBroker(
                new BrokerId(id),
                new UUID(id, System.identityHashCode(new Object())),
                clusterId,
                new BrokerAddress("host-" + id, 7400, ""),
                List.of(directory),
                replaceLive);
    }

    public static DirectoryId directory(int id) {
        return new DirectoryId(new UUID(7, id));
    }

    public CommandReply fence(int... ids) {
        List<BrokerRef> refs = new ArrayList<>();
        for (int id : ids) {
            refs.add(ref(id));
        }
        return submit(new MetadataCommand.FenceBrokers(refs));
    }

    public BrokerRef ref(int id) {
        return image.brokers().get(new BrokerId(id)).ref();
    }

    /** Makes a topic with as many replicas as there are live brokers, but for those given. */
    public PartitionId topic(String name, int partitions, int replicas, Map<String, String> configs) {
        TopicId id = new TopicId(42, ++topicsMade);
        CommandReply reply = submit(new MetadataCommand.CreateTopic(
                id, name, partitions, replicas, new TreeMap<>(configs), TopicDefaults.STANDARD, 0, false, false));
        if (!reply.isOk()) {
            throw new AssertionError(reply.toString());
        }
        return new PartitionId(id, 0);
    }

    public PartitionImage partition(PartitionId id) {
        return image.partition(id).orElseThrow();
    }

    /** The present leader's proposal, up to date. */
    public IsrProposal proposal(PartitionId id, int... members) {
        PartitionImage partition = partition(id);
        List<BrokerRef> refs = new ArrayList<>();
        for (int member : members) {
            refs.add(ref(member));
        }
        return new IsrProposal(id, ref(partition.leader()), partition.leaderEpoch(), partition.partitionEpoch(), refs);
    }

    /** Submits one proposal and tells its own reply. */
    public CommandReply propose(IsrProposal proposal) {
        CommandReply reply = submit(new MetadataCommand.AlterIsr(List.of(proposal)));
        return ((CommandReply.Parts) reply.result()).replies().get(0);
    }

    public Optional<TopicImage> topic(String name) {
        return image.topic(name);
    }

    public static List<BrokerId> ids(int... ids) {
        List<BrokerId> list = new ArrayList<>();
        for (int id : ids) {
            list.add(new BrokerId(id));
        }
        return list;
    }
}
