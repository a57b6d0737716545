package io.lograft.client.reassign;

import io.lograft.client.LograftException;
import io.lograft.model.TopicPartition;
import java.util.Optional;

/**
 * What became of the wish to move one partition's replicas, or to stop that.
 *
 * <pre>{@code
 * for (ReassignmentOutcome outcome : admin.reassignPartitions(targets, ReassignmentOptions.unlimited())) {
 *     outcome.refusal().ifPresent(why -> System.err.println(outcome.topicPartition() + ": " + why.reason()));
 * }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param refusal why nothing has changed; empty where the move has begun, was done already, or is cancelled
 */
public record ReassignmentOutcome(TopicPartition topicPartition, Optional<LograftException> refusal) {

    /** True where it was done as asked. */
    public boolean isAccepted() {
        return refusal.isEmpty();
    }
}
