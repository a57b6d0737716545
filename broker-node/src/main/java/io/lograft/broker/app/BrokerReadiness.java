package io.lograft.broker.app;

import io.lograft.broker.http.HttpEndpoints;
import io.lograft.model.BrokerId;
import java.util.function.Supplier;

/** Whether the broker works, and whether it serves. Safe for use by several threads. */
final class BrokerReadiness {
    private final BrokerId broker;
    private volatile String obstacle = "starting";
    private volatile String fault = "";
    private volatile Supplier<String> note = () -> "";
    private boolean isFinal;

    BrokerReadiness(BrokerId broker) {
        this.broker = broker;
    }

    /** What else an operator should know; it keeps the broker neither from working nor from serving. */
    void noteFrom(Supplier<String> source) {
        note = source;
    }

    /** It serves, unless it is stopping or broken. True where it did not before. */
    synchronized boolean ready() {
        boolean isNews = !isFinal && !obstacle.isEmpty();
        if (isNews) {
            obstacle = "";
        }
        return isNews;
    }

    /** It does not serve now, for this reason. */
    synchronized void notReady(String reason) {
        if (!isFinal) {
            obstacle = reason;
        }
    }

    /** It will not serve any more. */
    synchronized void stopping() {
        obstacle = "stopping";
        isFinal = true;
    }

    /** It will not work any more. */
    synchronized void broken(String reason) {
        fault = reason;
        obstacle = reason;
        isFinal = true;
    }

    HttpEndpoints.State health() {
        String now = fault;
        return new HttpEndpoints.State(now.isEmpty(), now.isEmpty() ? "broker " + broker + " is up" + noted() : now);
    }

    HttpEndpoints.State readiness() {
        String now = obstacle;
        return new HttpEndpoints.State(now.isEmpty(), now.isEmpty() ? "broker " + broker + " is ready" + noted() : now);
    }

    private String noted() {
        String now = note.get();
        return now.isEmpty() ? "" : "; " + now;
    }
}
