package io.lograft.client;

/**
 * How far the draining of a broker is.
 *
 * <pre>{@code
 * BrokerDrain drain = admin.drainBroker(2);
 * System.out.println(drain.leadershipsLeft() + " partitions are still led by broker " + drain.brokerId());
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param brokerEpoch the registration that drains; a restart of the broker gets another, which does not
 * @param partitionsChanged partitions whose leader or in-sync set this call changed
 * @param leadershipsLeft partitions that it still leads
 * @param inSyncLeft partitions that it is still in the in-sync set of
 */
public record BrokerDrain(int brokerId, long brokerEpoch, int partitionsChanged, int leadershipsLeft, int inSyncLeft) {

    /** True where the cluster can do without the broker. */
    public boolean isComplete() {
        return leadershipsLeft == 0 && inSyncLeft == 0;
    }
}
