package io.lograft.metadata.command;

import io.lograft.model.BrokerId;

/** One registration of a broker: its id, and the epoch (log index) that the registration got. */
public record BrokerRef(BrokerId id, long epoch) implements Comparable<BrokerRef> {
    @Override
    public int compareTo(BrokerRef other) {
        int byId = id.compareTo(other.id);
        return byId != 0 ? byId : Long.compare(epoch, other.epoch);
    }

    /** For example {@code 3@1027}. */
    @Override
    public String toString() {
        return id + "@" + epoch;
    }
}
