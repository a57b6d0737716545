package io.lograft.broker.app;

import io.lograft.model.BrokerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The metadata quorum.
 *
 * @param directory where a voter keeps the Raft log and the metadata store
 * @param voters Raft addresses of all voters; this broker is one of them if its id is
 * @param electionTimeoutMin least silence of the Raft leader after which a voter stands for election
 * @param electionTimeoutMax greatest such silence; each voter draws its own in between
 */
public record QuorumConfig(
        Path directory,
        SortedMap<BrokerId, HostPort> voters,
        Duration electionTimeoutMin,
        Duration electionTimeoutMax) {
    public QuorumConfig {
        voters = Collections.unmodifiableSortedMap(new TreeMap<>(voters));
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a quorum needs a voter");
        }
        if (electionTimeoutMax.compareTo(electionTimeoutMin) <= 0) {
            throw new IllegalArgumentException("the longest election timeout must be above the shortest");
        }
    }
}
