package io.lograft.cli.local;

/**
 * The ports of a cluster on one machine: broker i takes {@code base + 10 (i - 1)} for gRPC and the two after it for
 * Raft and HTTP.
 *
 * @param base the gRPC port of broker 1
 */
record PortLayout(int base) {
    private static final int STEP = 10;
    private static final int PORT_MAX = 65_535;

    PortLayout {
        if (base < 1 || base > PORT_MAX) {
            throw new IllegalArgumentException("port " + base + " is not in 1.." + PORT_MAX);
        }
    }

    int grpc(int brokerId) {
        return base + STEP * (brokerId - 1);
    }

    int raft(int brokerId) {
        return grpc(brokerId) + 1;
    }

    int http(int brokerId) {
        return grpc(brokerId) + 2;
    }

    /** True where every port of so many brokers exists. */
    boolean holds(int brokerCount) {
        return http(brokerCount) <= PORT_MAX;
    }
}
