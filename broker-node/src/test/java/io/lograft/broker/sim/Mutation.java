package io.lograft.broker.sim;

/** A deliberate mistake, to prove that the simulation finds such. */
enum Mutation {
    NONE,
    /** Replicas say that they have flushed what they have only appended. */
    ACKNOWLEDGE_BEFORE_FLUSH,
    /** A new follower truncates to its high watermark instead of asking where the logs agree. */
    TRUNCATE_TO_HIGH_WATERMARK,
    /** A follower keeps what it was told to truncate. */
    TRUNCATION_SKIPPED,
    /** A leader takes a member that it has proposed out for gone before that is confirmed. */
    LEAVERS_NOT_COUNTED,
    /** A leader takes every batch for new. */
    SEQUENCES_NOT_CHECKED,
    /** A broker that comes back on an empty disk does not say that its replicas are lost. */
    LOST_REPLICAS_NOT_TOLD
}
