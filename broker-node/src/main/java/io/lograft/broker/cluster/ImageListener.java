package io.lograft.broker.cluster;

import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import java.util.List;
import java.util.Optional;

/** Hears of each new image, in order. Called on the metadata loop; must not block. */
public interface ImageListener {

    /**
     * The image changed.
     *
     * @param records what changed, where it was one command's change; empty where the image came as a whole
     */
    void imageChanged(ClusterImage before, ClusterImage now, Optional<List<MetadataRecord>> records);
}
