package io.lograft.metadata.ratis;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A member of the quorum: its address, and the random id of its metadata directory. Both make its Raft id, so a broker
 * that comes back with an empty directory is another Raft member: it cannot vote with votes that it forgot.
 *
 * @param directoryId 32 hexadecimal digits, or the first 12 of them where a voter is known from the Raft group alone
 */
public record Voter(VoterAddress address, String directoryId) {
    private static final int RAFT_ID_DIGITS = 12;
    private static final Pattern DIRECTORY_ID = Pattern.compile("[0-9a-f]{12,32}");
    static final Comparator<Voter> ORDER =
            Comparator.comparing(voter -> voter.address().broker());

    public Voter {
        if (!DIRECTORY_ID.matcher(directoryId).matches()) {
            throw new IllegalArgumentException("voter " + address + " has directory id '" + directoryId
                    + "', which is not of 12 to 32 hexadecimal digits");
        }
    }

    /** Reads {@code address#directoryId}; throws IllegalArgumentException for anything else. */
    public static Voter parse(String text) {
        int hash = text.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException("voter '" + text + "' has no directory id");
        }
        return new Voter(VoterAddress.parse(text.substring(0, hash)), text.substring(hash + 1));
    }

    /** The broker id and the first 12 digits of the directory id: the voter's name in the Raft group. */
    public String raftId() {
        return address.broker() + "-" + directoryId.substring(0, RAFT_ID_DIGITS);
    }

    /** True where both are the same member, wherever it is reached. */
    public boolean isSameMember(Voter other) {
        return raftId().equals(other.raftId());
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
