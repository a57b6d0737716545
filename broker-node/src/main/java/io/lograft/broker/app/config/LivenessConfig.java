package io.lograft.broker.app.config;

import java.time.Duration;

/**
 * How soon what is silent counts as gone.
 *
 * @param heartbeatInterval from one heartbeat of a broker to its controller to the next
 * @param sessionTimeout silence of a broker after which the controller fences it
 * @param disconnectGrace how long a broker whose stream broke has to come back before it is fenced
 * @param replicaLagMax how long a follower may stay behind before it is proposed out of the in-sync set
 */
public record LivenessConfig(
        Duration heartbeatInterval, Duration sessionTimeout, Duration disconnectGrace, Duration replicaLagMax) {
    public LivenessConfig {
        if (sessionTimeout.compareTo(heartbeatInterval.multipliedBy(2)) < 0) {
            throw new IllegalArgumentException("a session must last at least two heartbeats");
        }
    }
}
