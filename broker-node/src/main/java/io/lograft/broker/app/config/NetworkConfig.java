package io.lograft.broker.app.config;

/**
 * Where the broker listens.
 *
 * @param grpc for clients, other brokers and administration
 * @param raft for the other voters of the metadata quorum
 * @param http for {@code /metrics}, {@code /healthz} and {@code /readyz}
 * @param advertised where others reach the gRPC listener; its port is 0 while the listener's is
 */
public record NetworkConfig(HostPort grpc, HostPort raft, HostPort http, HostPort advertised) {
    public NetworkConfig {
        if (advertised.host().isEmpty()) {
            throw new IllegalArgumentException("an advertised address needs a host");
        }
    }
}
