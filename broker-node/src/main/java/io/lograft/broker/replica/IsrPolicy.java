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
    private long lastWanted;
    private long lastLookMs;
    private long lastProposedMs;
    private long pauseMs;

    IsrPolicy(ReplicaSettings settings) {
        this.settings = settings;
    }

    void configure(PartitionConfiguration configuration) {
        // News of the cluster: the controller may be another, which has heard of no proposal.
        pauseMs = settings.proposalRetryMs();
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

    /** True where it is time to say which set is wanted: no proposal is out, or one has been for a while. */
    boolean mayPropose(long nowMs) {
        return !outstanding || nowMs >= lastLookMs + settings.proposalRetryMs();
    }

    /**
     * Proposes the wanted set where it differs from the confirmed one. A proposal that is out is replaced by another one or
     * (where the confirmed set is wanted) withdrawn, and repeated after pauses that double: a controller that has not
     * answered may have thousands to answer, and the same again would be more of them.
     */
    void propose(long wanted, PartitionConfiguration configuration, long nowMs, List<ReplicaEffect> effects) {
        if (!outstanding && wanted == confirmed) {
            return;
        }
        lastLookMs = nowMs;
        if (outstanding && wanted == lastWanted) {
            if (nowMs < lastProposedMs + pauseMs) {
                return;
            }
            pauseMs = Math.min(2 * pauseMs, settings.lagTimeMaxMs());
        } else {
            pauseMs = settings.proposalRetryMs();
        }
        lastWanted = wanted;
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
        return outstanding ? lastLookMs + settings.proposalRetryMs() : Long.MAX_VALUE;
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
