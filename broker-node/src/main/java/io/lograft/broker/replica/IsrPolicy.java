package io.lograft.broker.replica;

import io.lograft.broker.replica.ReplicaEffect.IsrMember;
import java.util.ArrayList;
import java.util.List;

/**
 * Which in-sync set the leader wants, and what it has proposed. Sets are bit masks over the replicas in assignment
 * order. Owned by: partition loop.
 *
 * <p>A proposal is over only when a higher partition epoch arrives: until then any of those sent under the present one
 * may have been accepted, so the members of all of them count for the high watermark.
 */
final class IsrPolicy {
    private final ReplicaSettings settings;
    private long confirmed;
    private long proposed;
    private boolean outstanding;
    private int partitionEpoch = -1;
    private long lastProposedMs;

    IsrPolicy(ReplicaSettings settings) {
        this.settings = settings;
    }

    void configure(PartitionConfiguration configuration) {
        if (configuration.partitionEpoch() == partitionEpoch) {
            return;
        }
        partitionEpoch = configuration.partitionEpoch();
        outstanding = false;
        proposed = 0;
        confirmed = 0;
        for (int i = 0; i < configuration.replicas().size(); i++) {
            if (configuration.replicas().get(i).inSync()) {
                confirmed |= 1L << i;
            }
        }
    }

    /** Members whose position the high watermark must not pass: the confirmed set and whoever may have joined it. */
    long counted() {
        return confirmed | proposed;
    }

    boolean isConfirmed(int index) {
        return (confirmed & (1L << index)) != 0;
    }

    /** True where a proposal may be sent now: none is out, or the last one has been out for long enough. */
    boolean mayPropose(long nowMs) {
        return !outstanding || nowMs >= lastProposedMs + settings.proposalRetryMs();
    }

    /**
     * Proposes the wanted set where it differs from the confirmed one; with a proposal out, proposes in any case, which
     * repeats, replaces or (where the confirmed set is wanted) withdraws it.
     */
    void propose(long wanted, PartitionConfiguration configuration, long nowMs, List<ReplicaEffect> effects) {
        if (!outstanding && wanted == confirmed) {
            return;
        }
        outstanding = true;
        proposed |= wanted;
        lastProposedMs = nowMs;
        List<IsrMember> members = new ArrayList<>();
        for (int i = 0; i < configuration.replicas().size(); i++) {
            if ((wanted & (1L << i)) != 0) {
                PartitionConfiguration.Member member = configuration.replicas().get(i);
                members.add(new IsrMember(member.id(), member.brokerEpoch()));
            }
        }
        effects.add(new ReplicaEffect.ProposeIsr(
                configuration.partitionEpoch(), configuration.leaderEpoch(), List.copyOf(members)));
    }

    /** When an outstanding proposal is to be looked at again; Long.MAX_VALUE where none is out. */
    long retryDeadlineMs() {
        return outstanding ? lastProposedMs + settings.proposalRetryMs() : Long.MAX_VALUE;
    }

    /** True where a replica in the set is to leave it. */
    boolean isLagging(FollowerProgress follower, long nowMs) {
        return nowMs >= follower.lagDeadlineMs(settings);
    }

    /**
     * True where a replica outside the set is to join it: it follows on the stream for replicas in sync and its
     * position has reached the high watermark and this epoch's first offset, so it lacks nothing that is committed.
     */
    static boolean isJoining(
            FollowerProgress follower, PartitionConfiguration.Member member, long position, long neededOffset) {
        return member.admissible()
                && member.brokerEpoch() == follower.brokerEpoch()
                && follower.isFollowingInSync()
                && position >= neededOffset;
    }
}
