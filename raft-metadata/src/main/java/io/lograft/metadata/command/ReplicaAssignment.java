package io.lograft.metadata.command;

import io.lograft.model.BrokerId;

/** A replica's place: the broker, and the log directory there ({@link DirectoryId#UNASSIGNED} where not known). */
public record ReplicaAssignment(BrokerId broker, DirectoryId directory) {
    @Override
    public String toString() {
        return directory.isAssigned() ? broker + ":" + directory : broker.toString();
    }
}
