package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * What a broker is told of the metadata quorum.
 *
 * @param self this broker, and where its Raft server is or would be
 * @param voters as configured, in any order; this broker is among them where it is to found the quorum
 * @param dir {@code metadata.dir}
 * @param bindHost where the Raft server listens, {@code 0.0.0.0} for all interfaces
 */
public record QuorumConfig(
        VoterAddress self, List<VoterAddress> voters, Path dir, String bindHost, QuorumTimings timings, Limits limits) {

    /**
     * Sizes.
     *
     * @param snapshotEntries a checkpoint is made after this many commands
     * @param segmentBytesMax size of one file of the Raft log; whole files are purged
     * @param inFlightMax how many submitted commands may wait for their outcome; more are answered BUSY
     */
    public record Limits(int snapshotEntries, int segmentBytesMax, int inFlightMax) {
        /** As in a broker without configuration. */
        public static final Limits STANDARD = new Limits(20_000, 4 << 20, 1_024);
    }

    public QuorumConfig {
        voters = voters.stream()
                .sorted(Comparator.comparing(VoterAddress::broker))
                .toList();
    }

    /** The usual values, for a broker that the configuration names as a voter. */
    public static QuorumConfig of(BrokerId self, List<VoterAddress> voters, Path dir, String bindHost) {
        VoterAddress own = voters.stream()
                .filter(voter -> voter.broker().equals(self))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("broker " + self + " is not among " + voters));
        return of(own, voters, dir, bindHost);
    }

    /** The usual values, with the timings that fit the number of voters. */
    public static QuorumConfig of(VoterAddress self, List<VoterAddress> voters, Path dir, String bindHost) {
        QuorumTimings timings = voters.size() == 1 ? QuorumTimings.single() : QuorumTimings.several();
        return new QuorumConfig(self, voters, dir, bindHost, timings, Limits.STANDARD);
    }

    /** True where the configuration names this broker as a voter. */
    public boolean isNamed() {
        return voters.stream().anyMatch(voter -> voter.broker().equals(self.broker()));
    }
}
