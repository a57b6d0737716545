package io.lograft.metadata.ratis;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import java.util.List;

/** Hears of every change as it is applied, in order. Called on Ratis' apply thread: must not block. */
public interface CommittedListener {

    /**
     * One command's change.
     *
     * @param index log index of the command, the image's index from now on
     * @param previousIndex index of the image before
     * @param image the state with the change
     */
    void onCommitted(long index, long previousIndex, List<MetadataRecord> records, ClusterImage image);

    /** The state was replaced as a whole: at the start, and when a checkpoint of another voter was installed. */
    void onImage(ClusterImage image);
}
