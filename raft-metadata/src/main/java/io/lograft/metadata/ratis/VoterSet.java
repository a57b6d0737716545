package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;

/**
 * The members of the quorum at some time.
 *
 * @param index index of the log entry that made them the members, -1 before the first; of two sets the one with the
 *     higher index counts
 * @param voters sorted by broker id; directory ids have their first 12 digits alone
 */
public record VoterSet(long index, List<Voter> voters) {
    /** Nothing is known yet. */
    public static final VoterSet UNKNOWN = new VoterSet(-1, List.of());

    public VoterSet {
        voters = Voter.sorted(voters);
    }

    /** Reads what {@link #texts} wrote; throws IllegalArgumentException for anything else. */
    public static VoterSet parse(long index, List<String> texts) {
        return new VoterSet(index, texts.stream().map(Voter::parse).toList());
    }

    /** The voters as text. */
    public List<String> texts() {
        return voters.stream().map(Voter::toString).toList();
    }

    /** True where the broker votes under this very directory. */
    public boolean has(Voter voter) {
        return voters.stream().anyMatch(voter::isSameMember);
    }

    /** The broker's voter, whatever its directory. */
    public Optional<Voter> of(BrokerId broker) {
        return voters.stream()
                .filter(voter -> voter.address().broker().equals(broker))
                .findFirst();
    }

    /** Where they are reached. */
    public List<VoterAddress> addresses() {
        return voters.stream().map(Voter::address).toList();
    }
}
