package io.lograft.metadata.command;

/** Where a broker is reached; {@code raft} is {@code host:port} of its Raft server, empty where it runs none. */
public record BrokerAddress(String host, int port, String raft) {
    /** {@code host:port} for clients and other brokers. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
