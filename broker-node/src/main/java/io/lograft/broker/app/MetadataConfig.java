package io.lograft.broker.app;

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
    public MetadataConfig {
        voters = List.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a quorum needs a voter");
        }
    }
}
