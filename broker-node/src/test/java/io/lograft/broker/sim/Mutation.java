package io.lograft.broker.sim;

/**
 * A deliberate mistake, to prove that the simulation finds such; made in test code at the edge of the real code. Each has
 * to be found within so many seeds, counted from 1.
 */
enum Mutation {
    NONE(0),

    // ---- disks and logs

    /** Replicas say that they have flushed what they have only appended. */
    ACKNOWLEDGE_BEFORE_FLUSH(5),
    /** What fsync is called for stays in the page cache. */
    FSYNC_SKIPPED(150),
    /** New names of files are not made durable. */
    DIRECTORY_SYNC_SKIPPED(10),
    /** After a power cut a broker takes its logs for cleanly closed. */
    RECOVERY_SKIPPED(20),
    /** A follower keeps what it was told to truncate. */
    TRUNCATION_SKIPPED(60),
    /** A new follower truncates to its high watermark instead of asking where the logs agree. */
    TRUNCATE_TO_HIGH_WATERMARK(10),
    /** Retention takes what is only appended for committed. */
    RETENTION_ABOVE_HIGH_WATERMARK(40),
    /** Replicas say that a log start is recorded which they only have in memory, until the next checkpoint. */
    LOG_START_NOT_RECORDED(150),
    /** A topic made anew under an old name goes on in the old one's files. */
    TOPIC_ID_NOT_CHECKED(100),

    // ---- leaders and followers

    /** A leader takes a member that it has proposed out for gone before that is confirmed. */
    LEAVERS_NOT_COUNTED(60),
    /** A leader does not count a member that it has proposed in before that is confirmed. */
    JOINERS_NOT_COUNTED(100),
    /** A leader commits with whatever in-sync set there is. */
    MINIMUM_IGNORED(20),
    /** A log says commit at once when the topic does, whatever is not flushed yet. */
    COMMIT_SAID_TOO_EARLY(600),
    /** A leader takes every batch for new. */
    SEQUENCES_NOT_CHECKED(10),
    /** A new leader takes the first batch of each producer for new. */
    SEQUENCES_FORGOTTEN_AT_FAILOVER(40),

    // ---- metadata

    /** A leader that comes back leads on under its old epoch. */
    LEADER_EPOCH_REUSED(60),
    /** The proposals of deposed and stale leaders are carried out. */
    FENCING_NOT_CHECKED(500),
    /** A topic gets another minimum, and the sets of its partitions stay as they were. */
    MINIMUM_CHANGED_ALONE(150),
    /** Where nobody in sync lives, whoever does live leads. */
    ELIGIBLE_SET_IGNORED(100),
    /** A broker that comes back on an empty disk does not say that its replicas are lost. */
    LOST_REPLICAS_NOT_TOLD(150),
    /** A broker on an empty disk records its registration there before it has told what is lost. */
    REGISTRATION_RECORDED_TOO_EARLY(1_500),
    /** A broker that comes back on an old copy of its disk does not notice. */
    OLD_COPY_NOT_NOTICED(20),
    /** A broker that finds a log damaged does not say so, and makes the replica anew. */
    DAMAGE_NOT_TOLD(150),

    // ---- tails that a power cut took

    /** A broker that lost its tails does not say how much it has left. */
    TAIL_LENGTHS_NOT_TOLD(100),
    /** Whoever is back first leads, though others that were in sync may have more. */
    LAST_IN_SYNC_NOT_AWAITED(100),
    /** A reader does not say what it has read last. */
    LAST_READ_EPOCH_NOT_TOLD(300),

    // ---- other replicas

    /** A replica is dropped, and whoever leads goes on in its epoch. */
    DROPPED_WITHIN_AN_EPOCH(300),
    /** A reassignment ends with the first of its target in sync, and all of them count as such. */
    FINISHED_WITH_THE_FIRST(20),
    /** Added replicas are in the in-sync set at once. */
    ADDED_COUNT_AT_ONCE(20),
    /** A reassignment is taken back although none of the replicas from before is in sync. */
    CANCELLED_UNSAFELY(100),

    // ---- coordinators of groups

    /** A coordinator answers before what it has decided is committed. */
    GROUP_ANSWERS_NOT_HELD(40),
    /** A new coordinator begins before it has read what the one before it has decided. */
    GROUPS_NOT_LOADED(10);

    private final int seedsMax;

    Mutation(int seedsMax) {
        this.seedsMax = seedsMax;
    }

    /** Only runs with groups can show it. */
    boolean concernsGroups() {
        return this == GROUP_ANSWERS_NOT_HELD || this == GROUPS_NOT_LOADED;
    }

    /** Only runs that change settings of the topic can show it. */
    boolean concernsSettings() {
        return this == COMMIT_SAID_TOO_EARLY || this == MINIMUM_CHANGED_ALONE;
    }

    /** Only runs that lose what was committed can show it. */
    boolean concernsTails() {
        return this == TAIL_LENGTHS_NOT_TOLD || this == LAST_IN_SYNC_NOT_AWAITED || this == LAST_READ_EPOCH_NOT_TOLD;
    }

    /** Only runs that give partitions other replicas can show it. */
    boolean concernsReassignments() {
        return this == DROPPED_WITHIN_AN_EPOCH
                || this == FINISHED_WITH_THE_FIRST
                || this == ADDED_COUNT_AT_ONCE
                || this == CANCELLED_UNSAFELY;
    }

    int seedsMax() {
        return seedsMax;
    }
}
