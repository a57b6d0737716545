package io.lograft.broker.controller;

/**
 * The controller's settings.
 *
 * @param liveness when brokers count as gone
 * @param probeTimeoutMs how long a probe may take
 * @param preferredLeadersPeriodMs how often leadership returns to where it belongs
 * @param preferredLeadersMax how many partitions at a time
 */
public record ControllerSettings(
        LivenessSettings liveness, long probeTimeoutMs, long preferredLeadersPeriodMs, int preferredLeadersMax) {

    /** The defaults besides liveness. */
    public static ControllerSettings of(LivenessSettings liveness) {
        return new ControllerSettings(liveness, 250, 5_000, 20);
    }
}
