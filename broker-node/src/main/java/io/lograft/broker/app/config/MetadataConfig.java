package io.lograft.broker.app.config;

import io.lograft.metadata.ratis.QuorumTimings;
import io.lograft.metadata.ratis.VoterAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * The metadata quorum.
 *
 * @param directory where a voter keeps the Raft log and the metadata store
 * @param voters Raft addresses of all voters, by broker id
 * @param timings its timeouts
 */
public record MetadataConfig(Path directory, List<VoterAddress> voters, QuorumTimings timings) {
    /** The key of {@link #directory}, for messages about it. */
    public static final String DIRECTORY_KEY = "metadata.dir";

    public MetadataConfig {
        voters = List.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a quorum needs a voter");
        }
    }
}
