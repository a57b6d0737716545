package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of {@code metadata.voters}: {@code id@host:raftPort}, or {@code id@host:raftPort/grpcPort} where the gRPC
 * port is not the one just below the Raft port. The host is a name and is resolved anew at each connection.
 */
public record VoterAddress(BrokerId broker, String host, int raftPort, int grpcPort) {
    private static final Pattern ENTRY =
            Pattern.compile("(\\d{1,9})@(\\[[0-9A-Fa-f:.]+]|[^:/@\\s,#\\\\\\p{Cntrl}]+):(\\d{1,5})(?:/(\\d{1,5}))?");
    private static final int PORT_MAX = 65_535;

    public VoterAddress {
        if (raftPort < 1 || raftPort > PORT_MAX || grpcPort < 1 || grpcPort > PORT_MAX) {
            throw new IllegalArgumentException(
                    "voter " + broker + " has ports " + raftPort + " and " + grpcPort + ", allowed are 1 to 65535");
        }
    }

    /** Reads one entry; throws IllegalArgumentException that says what is allowed. */
    public static VoterAddress parse(String entry) {
        Matcher matcher = ENTRY.matcher(entry.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "voter '" + entry.strip() + "' is not of the form id@host:raftPort or id@host:raftPort/grpcPort");
        }
        int raftPort = Integer.parseInt(matcher.group(3));
        int grpcPort = matcher.group(4) == null ? raftPort - 1 : Integer.parseInt(matcher.group(4));
        return new VoterAddress(new BrokerId(Integer.parseInt(matcher.group(1))), matcher.group(2), raftPort, grpcPort);
    }

    /** Reads a comma-separated list; throws IllegalArgumentException also for a broker id that occurs twice. */
    public static List<VoterAddress> parseList(String list) {
        List<VoterAddress> voters = new ArrayList<>();
        Set<BrokerId> seen = new HashSet<>();
        for (String entry : list.split(",", -1)) {
            VoterAddress voter = parse(entry);
            if (!seen.add(voter.broker())) {
                throw new IllegalArgumentException("voter id " + voter.broker() + " is named twice in '" + list + "'");
            }
            voters.add(voter);
        }
        return List.copyOf(voters);
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return broker + "@" + host + ":" + raftPort + "/" + grpcPort;
    }
}
