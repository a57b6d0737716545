package io.lograft.metadata.control;

import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;

/** Decides what becomes of each command. */
public final class MetadataControl {
    private MetadataControl() {}

    /**
     * What the command, at that index of the log, changes in the image. Does not change anything itself; the caller
     * applies the records with the same index. Never throws for a bad command.
     */
    public static Decision decide(ClusterImage image, long index, MetadataCommand command) {
        return Decision.refused(ErrorCode.UNSUPPORTED_VERSION, "not decided yet: " + command);
    }
}
