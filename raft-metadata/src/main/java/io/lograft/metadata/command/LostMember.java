package io.lograft.metadata.command;

import io.lograft.model.BrokerId;

/**
 * A replica that left the in-sync or the eligible set of a partition without leader because its broker could not vouch
 * for it. Kept until the next leader starts, which is chosen among these where all of them lost no more than an
 * unflushed tail.
 *
 * @param lastRecordEpoch leader epoch of the last record that it has, -1 for none
 * @param logEndOffset of a log without a record where it starts
 */
public record LostMember(BrokerId broker, LostReplica.Cause cause, int lastRecordEpoch, long logEndOffset) {}
