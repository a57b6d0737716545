package io.lograft.metadata.ratis;

import java.util.Comparator;
import java.util.List;

/**
 * A member of the quorum: its address, and the random id of its metadata directory. Both make its Raft id, so a broker
 * that comes back with an empty directory is another Raft member: it cannot vote with votes that it forgot.
 *
 * @param directoryId 32 hexadecimal digits
 */
public record Voter(VoterAddress address, String directoryId) {
    static final Comparator<Voter> ORDER =
            Comparator.comparing(voter -> voter.address().broker());

    /** Reads {@code address#directoryId}; throws IllegalArgumentException for anything else. */
    public static Voter parse(String text) {
        int hash = text.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException("voter '" + text + "' has no directory id");
        }
        return new Voter(VoterAddress.parse(text.substring(0, hash)), text.substring(hash + 1));
    }

    static List<Voter> sorted(List<Voter> voters) {
        return voters.stream().sorted(ORDER).toList();
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return address + "#" + directoryId;
    }
}
