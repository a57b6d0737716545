package io.lograft.metadata.codec;

import static io.lograft.metadata.codec.ProtoFields.brokerRef;
import static io.lograft.metadata.codec.ProtoFields.topicId;

import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.StoredCommand;

/** The commands about log directories, in the form of the metadata log. Stateless; any thread. */
final class DirectoryCodec {
    private DirectoryCodec() {}

    static StoredCommand.ReportDirectories toProto(MetadataCommand.ReportDirectories report) {
        return StoredCommand.ReportDirectories.newBuilder()
                .setBroker(brokerRef(report.broker()))
                .addAllFailed(ProtoFields.directoryBytes(report.failed()))
                .addAllFull(ProtoFields.directoryBytes(report.full()))
                .build();
    }

    static MetadataCommand.ReportDirectories fromProto(StoredCommand.ReportDirectories stored) {
        return new MetadataCommand.ReportDirectories(
                brokerRef(stored.getBroker()),
                ProtoFields.directoryIds(stored.getFailedList()),
                ProtoFields.directoryIds(stored.getFullList()));
    }

    static StoredCommand.AssignDirectories toProto(MetadataCommand.AssignDirectories assign) {
        StoredCommand.AssignDirectories.Builder stored =
                StoredCommand.AssignDirectories.newBuilder().setBroker(brokerRef(assign.broker()));
        for (DirectoryAssignment assignment : assign.assignments()) {
            stored.addAssignmentsBuilder()
                    .setTopicId(ProtoFields.bytes(assignment.partition().topic()))
                    .setPartition(assignment.partition().partition())
                    .setDirectory(ProtoFields.bytes(assignment.directory()));
        }
        return stored.build();
    }

    static MetadataCommand.AssignDirectories fromProto(StoredCommand.AssignDirectories stored) {
        return new MetadataCommand.AssignDirectories(
                brokerRef(stored.getBroker()),
                stored.getAssignmentsList().stream()
                        .map(DirectoryCodec::assignment)
                        .toList());
    }

    private static DirectoryAssignment assignment(StoredCommand.AssignDirectories.Assignment stored) {
        ProtoFields.requireKnown("command ASSIGN_DIRECTORIES", stored);
        return new DirectoryAssignment(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                ProtoFields.directoryId(stored.getDirectory()));
    }
}
