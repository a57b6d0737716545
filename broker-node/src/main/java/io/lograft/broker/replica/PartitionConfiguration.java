package io.lograft.broker.replica;

import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import java.util.List;
import java.util.Optional;

/**
 * What the metadata say about one partition, as seen by one of the brokers.
 *
 * @param self the broker whose replica is told
 * @param selfBrokerEpoch broker epoch of this process; where the metadata name another for {@code self}, they speak of
 *     its former or later life, and the replica stays idle
 * @param leader empty while there is none
 * @param leaderEpoch fresh for every start of leadership
 * @param partitionEpoch fresh for every change of the partition
 * @param replicas all replicas in assignment order
 * @param minimum the in-sync set must have so many members for records to be committed: min.insync.replicas, or the
 *     replication factor where that is less
 * @param flushMode what makes a record count as held
 * @param lastUncleanEpoch the newest leader epoch that began with an unclean choice of leader, -1 for none
 */
public record PartitionConfiguration(
        BrokerId self,
        long selfBrokerEpoch,
        Optional<BrokerId> leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Member> replicas,
        int minimum,
        FlushMode flushMode,
        int lastUncleanEpoch) {

    public PartitionConfiguration {
        replicas = List.copyOf(replicas);
        if (minimum < 1) {
            throw new IllegalArgumentException("minimum is " + minimum + ", must be positive");
        }
    }

    /**
     * One replica.
     *
     * @param brokerEpoch the broker's present registration
     * @param inSync member of the confirmed in-sync set
     * @param eligible outside the in-sync set but known to hold every committed record
     * @param admissible may be let into the in-sync set: its broker is unfenced and not draining, its directory online
     */
    public record Member(BrokerId id, long brokerEpoch, boolean inSync, boolean eligible, boolean admissible) {}

    /** The member with this id, or empty where the broker has no replica. */
    public Optional<Member> member(BrokerId id) {
        for (Member member : replicas) {
            if (member.id().equals(id)) {
                return Optional.of(member);
            }
        }
        return Optional.empty();
    }

    /** Number of members of the confirmed in-sync set. */
    public int isrSize() {
        int size = 0;
        for (Member member : replicas) {
            size += member.inSync() ? 1 : 0;
        }
        return size;
    }

    /** True where this process is to lead the partition. */
    public boolean isLeader() {
        return leader.isPresent() && leader.get().equals(self) && isOwnLife();
    }

    /** The replica here is a member, and counted on in neither set. */
    public boolean isExpendable() {
        return member(self).filter(own -> !own.inSync() && !own.eligible()).isPresent();
    }

    /** True where the metadata speak of the present life of this process's broker, and it has a replica. */
    public boolean isOwnLife() {
        return member(self).filter(own -> own.brokerEpoch() == selfBrokerEpoch).isPresent();
    }

    /** True where a replica need not have followed since an unclean leader dropped what had been committed. */
    boolean mayLackUncleanly(BrokerId replica) {
        return lastUncleanEpoch >= 0
                && member(replica)
                        .filter(known -> known.inSync() || known.eligible())
                        .isEmpty();
    }
}
