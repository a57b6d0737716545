package io.lograft.client;

import io.lograft.model.TopicPartition;
import java.util.Set;

/**
 * Is told which partitions come to a consumer of a group, and which go. Called by the thread that polls, inside {@link
 * Consumer#poll} (and {@link Consumer#unsubscribe} and {@link Consumer#close} for those that go); it may use the
 * consumer. What it throws comes out of that call, after the partitions have come or gone all the same.
 *
 * <pre>{@code
 * consumer.subscribe(List.of("orders"), new RebalanceListener() {
 *     @Override
 *     public void onRevoked(Set<TopicPartition> partitions) {
 *         flush(partitions);
 *         consumer.commit();
 *     }
 * });
 * }</pre>
 */
public interface RebalanceListener {

    /** These are read from now on, too; a seek here goes before the committed offset. */
    default void onAssigned(Set<TopicPartition> partitions) {}

    /** These are given up when this returns; nobody else reads them before. What was read of them can be committed. */
    default void onRevoked(Set<TopicPartition> partitions) {}

    /**
     * These were taken away, because the group did not hear of this consumer for too long: others may read them already,
     * and nothing can be committed any more.
     */
    default void onLost(Set<TopicPartition> partitions) {
        onRevoked(partitions);
    }
}
