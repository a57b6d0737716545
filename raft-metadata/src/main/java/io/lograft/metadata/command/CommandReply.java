package io.lograft.metadata.command;

import io.lograft.model.ErrorCode;
import io.lograft.model.TopicId;
import java.util.List;

/**
 * What became of a command.
 *
 * @param error {@link ErrorCode#NONE} where it was carried out
 * @param message one sentence with the values that matter; empty where there is no error
 */
public record CommandReply(ErrorCode error, String message, Result result) {

    /** Carried out, and there is nothing to tell. */
    public static final CommandReply OK = ok(new Nothing());

    public static CommandReply ok(Result result) {
        return new CommandReply(ErrorCode.NONE, "", result);
    }

    public static CommandReply refused(ErrorCode error, String message) {
        return new CommandReply(error, message, new Nothing());
    }

    public boolean isOk() {
        return error == ErrorCode.NONE;
    }

    /** What the sender of the command needs to know besides. */
    public sealed interface Result {}

    /** Nothing besides. */
    public record Nothing() implements Result {}

    /** Answers RegisterBroker. */
    public record Registered(long brokerEpoch) implements Result {}

    /** Answers what is about one topic: CreateTopic, DeleteTopic, AddPartitions and AlterTopic. */
    public record TopicOutcome(TopicId id, int partitionCount, int replicationFactor) implements Result {}

    /** Answers AllocateProducerIds: the ids {@code first} to {@code first + count - 1}. */
    public record ProducerIdBlock(long first, int count) implements Result {}

    /** Answers ElectPreferredLeaders, FenceBrokers, UnfenceBroker and DrainBroker. */
    public record PartitionsChanged(int count) implements Result {}

    /** Answers AlterIsr, HandOverLeadership and ElectLeaders: one reply for each part, in the order of the command. */
    public record Parts(List<CommandReply> replies) implements Result {
        public Parts {
            replies = List.copyOf(replies);
        }
    }
}
