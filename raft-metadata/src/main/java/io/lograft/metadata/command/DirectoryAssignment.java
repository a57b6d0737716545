package io.lograft.metadata.command;

import io.lograft.model.PartitionId;

/** A broker's word in which of its log directories a replica of its own is from now on. */
public record DirectoryAssignment(PartitionId partition, DirectoryId directory) {}
