package io.lograft.broker.fuzz;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The metadata of a cluster of two brokers without a quorum: commands are carried out at once, by the real rules. */
public final class FuzzedMetadata {
    private volatile ClusterImage image = ClusterImage.empty();
    private Listener listener = (before, records, now) -> {};

    /** Hears of every change. */
    public interface Listener {
        void changed(long before, List<MetadataRecord> records, ClusterImage now);
    }

    /** Registers both brokers. */
    public FuzzedMetadata() {
        submit(new MetadataCommand.FormCluster(FuzzedBroker.CLUSTER, 1));
        for (BrokerId id : List.of(FuzzedBroker.SELF, FuzzedBroker.OTHER)) {
            submit(new MetadataCommand.RegisterBroker(
                    id, new UUID(0, id.value()), "", new BrokerAddress("host-" + id, 7400, ""), List.of(), true));
            submit(new MetadataCommand.UnfenceBroker(image.brokers().get(id).ref(), List.of()));
        }
    }

    /** Makes a topic of two replicas. */
    public void topic(TopicId id, String name, int partitionCount) {
        boolean isInternal = name.startsWith("__");
        submit(new MetadataCommand.CreateTopic(
                id, name, partitionCount, 2, new TreeMap<>(), TopicDefaults.STANDARD, 0, isInternal, false));
        FuzzChecks.check(image.topic(id).isPresent(), "topic " + name);
    }

    public void tell(Listener newListener) {
        listener = newListener;
    }

    public ClusterImage image() {
        return image;
    }

    /** Fails unless a snapshot of the metadata gives the same metadata, and every topic could have been made by its name. */
    public void check() {
        List<MetadataRecord> stored = image.toRecords().stream()
                .map(record -> RecordCodec.fromBytes(RecordCodec.toBytes(record)))
                .toList();
        ClusterImage restored = ClusterImage.empty().apply(image.index(), stored);
        FuzzChecks.check(restored.equals(image), image + " is not what its snapshot has: " + restored);
        for (TopicImage topic : image.topics()) {
            FuzzChecks.check(TopicRules.checkName(topic.name()).isEmpty(), "a topic of the name " + topic.name());
            int count = topic.partitions().size();
            FuzzChecks.check(
                    count > 0 && count <= TopicRules.PARTITIONS_MAX, topic.name() + " has " + count + " partitions");
        }
    }

    /** Carries out a command, on its way through the log and back as in a cluster. */
    public CompletableFuture<CommandReply> submit(MetadataCommand command) {
        long before = image.index();
        Decision decision =
                MetadataControl.decide(image, before + 1, CommandCodec.fromBytes(CommandCodec.toBytes(command)));
        CommandReply told = ReplyCodec.fromBytes(ReplyCodec.toBytes(decision.reply()));
        FuzzChecks.check(told.equals(decision.reply()), "told " + told + " instead of " + decision.reply());
        image = image.apply(before + 1, decision.records());
        listener.changed(before, decision.records(), image);
        return CompletableFuture.completedFuture(decision.reply());
    }
}
