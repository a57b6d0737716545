package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord.ClusterRecord;
import io.lograft.metadata.command.MetadataRecord.ProducerIdsRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/** Decides what becomes of each command. */
public final class MetadataControl {
    /** More producer ids in one block are refused. */
    public static final int PRODUCER_IDS_MAX = 100_000;

    private MetadataControl() {}

    /**
     * What the command, at that index of the log, changes in the image. Does not change anything itself; the caller
     * applies the records with the same index, which must be above the image's. Never throws for a bad command.
     */
    public static Decision decide(ClusterImage image, long index, MetadataCommand command) {
        boolean isFormed = !image.clusterId().isEmpty();
        if (command instanceof MetadataCommand.NoOp) {
            return new Decision(List.of(), CommandReply.OK);
        }
        if (!isFormed && !(command instanceof MetadataCommand.FormCluster)) {
            return Decision.refused(ErrorCode.UNAVAILABLE, "the cluster is not formed yet");
        }
        return switch (command) {
            case MetadataCommand.NoOp noOp -> new Decision(List.of(), CommandReply.OK);
            case MetadataCommand.FormCluster form -> form(image, form);
            case MetadataCommand.RegisterBroker register -> BrokerRegistration.decide(image, index, register);
            case MetadataCommand.UnfenceBroker unfence -> BrokerChange.unfence(image, index, unfence);
            case MetadataCommand.FenceBrokers fence -> BrokerChange.fence(image, index, fence);
            case MetadataCommand.DrainBroker drain -> BrokerChange.drain(image, index, drain);
            case MetadataCommand.ReportDirectories report -> DirectoryChange.report(image, index, report);
            case MetadataCommand.AssignDirectories assign -> DirectoryChange.assign(image, assign);
            case MetadataCommand.CreateTopic create -> TopicChange.create(image, create);
            case MetadataCommand.DeleteTopic delete -> TopicChange.delete(image, delete);
            case MetadataCommand.AddPartitions add -> TopicChange.addPartitions(image, add);
            case MetadataCommand.AlterTopic alter -> TopicSettings.alter(image, alter);
            case MetadataCommand.AlterIsr alter -> IsrChange.decide(image, alter);
            case MetadataCommand.AllocateProducerIds allocate -> allocate(image, allocate);
            case MetadataCommand.ElectPreferredLeaders elect -> PreferredLeaders.decide(image, elect);
            case MetadataCommand.HandOverLeadership handOver -> LeaderHandOver.decide(image, handOver);
            case MetadataCommand.ReassignPartitions reassign -> Reassignments.decide(image, reassign);
            case MetadataCommand.ElectLeaders elect -> LeaderElections.decide(image, elect);
        };
    }

    private static Decision form(ClusterImage image, MetadataCommand.FormCluster command) {
        if (command.clusterId().isEmpty() || command.metadataVersion() < 1) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST,
                    "a cluster needs an id and a metadata version, not '" + command.clusterId() + "' and "
                            + command.metadataVersion());
        }
        if (image.clusterId().isEmpty()) {
            return new Decision(
                    List.of(new ClusterRecord(command.clusterId(), command.metadataVersion())), CommandReply.OK);
        }
        return image.clusterId().equals(command.clusterId())
                ? new Decision(List.of(), CommandReply.OK)
                : Decision.refused(
                        ErrorCode.CLUSTER_ID_MISMATCH,
                        "the cluster has the id '" + image.clusterId() + "', it cannot become '" + command.clusterId()
                                + "'");
    }

    private static Decision allocate(ClusterImage image, MetadataCommand.AllocateProducerIds command) {
        Optional<Decision> refusal = BrokerChange.checkRegistration(image, command.broker());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        long first = image.nextProducerId();
        if (command.count() < 1 || command.count() > PRODUCER_IDS_MAX || first > Long.MAX_VALUE - command.count()) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST,
                    "a block of " + command.count() + " producer ids after " + first + ", allowed are 1 to "
                            + PRODUCER_IDS_MAX);
        }
        return new Decision(
                List.of(new ProducerIdsRecord(first + command.count())),
                CommandReply.ok(new CommandReply.ProducerIdBlock(first, command.count())));
    }
}
