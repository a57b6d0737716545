package io.lograft.broker.group;

/**
 * Limits and times of groups.
 *
 * @param sessionMsMin a shorter session timeout is refused
 * @param sessionMsMax a longer one is refused
 * @param sessionMsDefault of members that name none
 * @param rebalanceMsDefault of members that name none
 * @param initialDelayMs how long the first rebalance of an empty classic group waits for further members
 * @param membersMax of a group
 * @param offsetMetadataBytesMax of the text that comes with an offset
 * @param offsetsRetentionMs offsets of a group without members are removed after so long
 */
public record GroupSettings(
        int sessionMsMin,
        int sessionMsMax,
        int sessionMsDefault,
        int rebalanceMsDefault,
        int initialDelayMs,
        int membersMax,
        int offsetMetadataBytesMax,
        long offsetsRetentionMs) {
    /** As of a broker without configuration. */
    public static final GroupSettings DEFAULT =
            new GroupSettings(1_000, 1_800_000, 10_000, 60_000, 50, 1_000, 4_096, 7L * 24 * 3_600_000);
}
