package io.lograft.broker.cluster;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.UUID;

/**
 * Who registers, and with whom.
 *
 * @param incarnation random, made when the process starts
 * @param directories usable log directories
 * @param clusterId from the broker's directories; empty where they are new
 * @param voters where the controller is to be found
 */
public record SessionConfig(
        BrokerId broker,
        UUID incarnation,
        BrokerAddress address,
        List<DirectoryId> directories,
        String clusterId,
        List<VoterAddress> voters,
        Times times) {
    public SessionConfig {
        directories = List.copyOf(directories);
        voters = List.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("broker " + broker + " knows no voter to register with");
        }
    }

    /**
     * Times in milliseconds.
     *
     * @param heartbeatMs from one heartbeat to the next
     * @param sessionTimeoutMs a controller that is silent for so long is given up
     * @param requestTimeoutMs how long a command or a barrier may take, with all its retries
     */
    public record Times(long heartbeatMs, long sessionTimeoutMs, long requestTimeoutMs) {
        /** As in a broker without configuration. */
        public static final Times STANDARD = new Times(500, 3_000, 15_000);
    }
}
