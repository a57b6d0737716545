package io.lograft.broker.sim;

/** A deliberate mistake, to prove that the simulation finds such. */
enum Mutation {
    NONE,

    // ---- disks and logs

    /** Replicas say that they have flushed what they have only appended. */
    ACKNOWLEDGE_BEFORE_FLUSH,
    /** What fsync is called for stays in the page cache. */
    FSYNC_SKIPPED,
    /** New names of files are not made durable. */
    DIRECTORY_SYNC_SKIPPED,
    /** After a power cut a broker takes its logs for cleanly closed. */
    RECOVERY_SKIPPED,
    /** A follower keeps what it was told to truncate. */
    TRUNCATION_SKIPPED,
    /** A new follower truncates to its high watermark instead of asking where the logs agree. */
    TRUNCATE_TO_HIGH_WATERMARK,
    /** A topic made anew under an old name goes on in the old one's files. */
    TOPIC_ID_NOT_CHECKED,

    // ---- leaders and followers

    /** A leader takes a member that it has proposed out for gone before that is confirmed. */
    LEAVERS_NOT_COUNTED,
    /** A leader does not count a member that it has proposed in before that is confirmed. */
    JOINERS_NOT_COUNTED,
    /** A leader commits with whatever in-sync set there is. */
    MINIMUM_IGNORED,
    /** Messages of an earlier Follow are taken for ones of the newest. */
    FOLLOW_NUMBER_NOT_CHECKED,
    /** A leader takes every batch for new. */
    SEQUENCES_NOT_CHECKED,
    /** A new leader takes the first batch of each producer for new. */
    SEQUENCES_FORGOTTEN_AT_FAILOVER,

    // ---- metadata

    /** A leader that comes back leads on under its old epoch. */
    LEADER_EPOCH_REUSED,
    /** A proposal lets in brokers by their ids, whatever registration it was computed from. */
    PROPOSAL_WITHOUT_BROKER_EPOCHS,
    /** The proposals of deposed and stale leaders are carried out. */
    FENCING_NOT_CHECKED,
    /** Where nobody in sync lives, whoever does live leads. */
    ELIGIBLE_SET_IGNORED,
    /** A broker that comes back on an empty disk does not say that its replicas are lost. */
    LOST_REPLICAS_NOT_TOLD,
    /** A broker on an empty disk records its registration there before it has told what is lost. */
    REGISTRATION_RECORDED_TOO_EARLY,
    /** A broker that comes back on an old copy of its disk does not notice. */
    OLD_COPY_NOT_NOTICED
}
