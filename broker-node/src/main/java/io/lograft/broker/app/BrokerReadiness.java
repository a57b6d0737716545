package io.lograft.broker.app;

import io.lograft.broker.http.HttpEndpoints;
import io.lograft.model.BrokerId;

/** Whether the broker works, and whether it serves. Safe for use by several threads. */
final class BrokerReadiness {
    private final BrokerId broker;
    private volatile String obstacle = "starting";
    private volatile String fault = "";

    BrokerReadiness(BrokerId broker) {
        this.broker = broker;
    }

    /** It serves. */
    void ready() {
        obstacle = "";
    }

    /** It does not serve now, for this reason. */
    void notReady(String reason) {
        obstacle = reason;
    }

    /** It will not work any more. */
    void broken(String reason) {
        fault = reason;
        obstacle = reason;
    }

    boolean isReady() {
        return obstacle.isEmpty();
    }

    HttpEndpoints.State health() {
        String now = fault;
        return new HttpEndpoints.State(now.isEmpty(), now.isEmpty() ? "broker " + broker + " is up" : now);
    }

    HttpEndpoints.State readiness() {
        String now = obstacle;
        return new HttpEndpoints.State(now.isEmpty(), now.isEmpty() ? "broker " + broker + " is ready" : now);
    }
}
