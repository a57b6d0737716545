package io.lograft.client;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a broker takes part in the cluster, and why not.
 *
 * <pre>{@code
 * admin.describeFencing().stream().filter(BrokerFencing::isFenced).forEach(b -> System.out.println(b.reason()));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param isFenced it leads nothing and is in no in-sync set that has a live member
 * @param isDraining it leads nothing that another could lead, and joins no in-sync set
 * @param reason why, for a person; empty for a broker that takes part
 * @param since when the broker that answered saw the state begin, by its clock; empty where that was before its time
 * @param leaderCount partitions that it leads
 * @param inSyncCount partitions that have it in their in-sync set
 */
public record BrokerFencing(
        int brokerId,
        String address,
        long brokerEpoch,
        boolean isFenced,
        boolean isDraining,
        String reason,
        Optional<Instant> since,
        int leaderCount,
        int inSyncCount) {}
