package io.lograft.broker.cluster;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Who registers, and with whom.
 *
 * @param incarnation random, made when the process starts
 * @param directories what to say of the log directories, whenever it registers
 * @param clusterId from the broker's directories; empty where they are new
 * @param voters where the controller is to be found
 */
public record SessionConfig(
        BrokerId broker,
        UUID incarnation,
        BrokerAddress address,
        Supplier<Directories> directories,
        String clusterId,
        List<VoterAddress> voters,
        Times times) {
    public SessionConfig {
        voters = List.copyOf(voters);
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("broker " + broker + " knows no voter to register with");
        }
    }

    /** With directories that never fail. */
    public SessionConfig(
            BrokerId broker,
            UUID incarnation,
            BrokerAddress address,
            List<DirectoryId> directories,
            String clusterId,
            List<VoterAddress> voters,
            Times times) {
        this(broker, incarnation, address, () -> new Directories(directories, true), clusterId, voters, times);
    }

    /**
     * The log directories.
     *
     * @param isComplete all that are configured are usable
     */
    public record Directories(List<DirectoryId> usable, boolean isComplete) {
        public Directories {
            usable = List.copyOf(usable);
        }

        List<String> ids() {
            return usable.stream().map(DirectoryId::toString).toList();
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
