package io.lograft.client.group;

import io.lograft.model.TopicPartition;
import java.util.OptionalLong;

/**
 * How a group's offset in one partition is to change.
 *
 * <pre>{@code
 * for (OffsetMove move : admin.groups().plan("billing", OffsetTarget.earliest(), partitions)) {
 *     System.out.println(move.topicPartition() + ": " + move.before() + " -> " + move.after());
 * }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param before what is committed; empty for nothing
 * @param after what is to be committed
 * @param bound whether the target was outside the log
 */
public record OffsetMove(TopicPartition topicPartition, OptionalLong before, long after, Bound bound) {

    /**
     * Whether a target was outside the log and was brought to one of its ends.
     *
     * <pre>{@code
     * boolean isAsAskedFor = move.bound() == OffsetMove.Bound.NONE;
     * }</pre>
     */
    public enum Bound {
        NONE,
        LOG_START,
        LOG_END
    }

    /** The move to a target, or to the end of the log that is next to it; {@code committed} is null for nothing. */
    static OffsetMove to(TopicPartition partition, Long committed, long target, long logStart, long logEnd) {
        OptionalLong before = committed == null ? OptionalLong.empty() : OptionalLong.of(committed);
        if (target < logStart) {
            return new OffsetMove(partition, before, logStart, Bound.LOG_START);
        }
        return target > logEnd
                ? new OffsetMove(partition, before, logEnd, Bound.LOG_END)
                : new OffsetMove(partition, before, target, Bound.NONE);
    }
}
