package io.lograft.broker.controller;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * Which changes of the quorum are refused before they begin. Pure; the leader's view of the quorum is the input. What
 * changes meanwhile Raft itself keeps safe: these rules keep an operator from a quorum that nothing could change any
 * more.
 */
final class VoterRules {
    /** With so many entries to go a voter takes over within a few milliseconds. */
    static final long LAG_MAX = 100;

    private VoterRules() {}

    /** Why the broker may not become a voter; empty where it may. */
    static Optional<CommandReply> refuseAdding(BrokerId broker, QuorumStatus status, ClusterImage image) {
        Optional<QuorumStatus.VoterStatus> present = status.of(broker);
        if (present.isPresent()) {
            return refusal(
                    ErrorCode.ALREADY_A_VOTER,
                    "broker " + broker + " is a voter already, with directory "
                            + present.get().voter().directoryId()
                            + (present.get().answers() ? "" : ", but is silent")
                            + ". If it has lost that directory: " + QuorumFormation.replacement(broker));
        }
        Optional<BrokerImage> known = image.broker(broker);
        if (known.isEmpty()) {
            return refusal(ErrorCode.UNKNOWN_BROKER, "no broker has registered as " + broker);
        }
        if (!known.get().isLive()) {
            return refusal(
                    ErrorCode.BROKER_FENCED,
                    "broker " + broker + " at " + known.get().address()
                            + " is fenced; it must be live to become a voter");
        }
        int size = status.voters().size() + 1;
        long answering = answering(status) + 1;
        return majorityOf(size, answering, "with broker " + broker);
    }

    /** Why the broker may not stop being a voter; empty where it may. */
    static Optional<CommandReply> refuseRemoving(BrokerId broker, QuorumStatus status) {
        Optional<QuorumStatus.VoterStatus> leaving = status.of(broker);
        if (leaving.isEmpty()) {
            return refusal(ErrorCode.UNKNOWN_VOTER, "broker " + broker + " is none of the voters " + ids(status));
        }
        int size = status.voters().size() - 1;
        if (size == 0) {
            return refusal(
                    ErrorCode.MAJORITY_WOULD_BE_LOST,
                    "broker " + broker + " is the only voter; add another one before it is removed");
        }
        long answering = answering(status) - (leaving.get().answers() ? 1 : 0);
        return majorityOf(size, answering, "without broker " + broker);
    }

    /** Why leadership may not move there; empty where it may. */
    static Optional<CommandReply> refuseTransfer(BrokerId broker, QuorumStatus status) {
        Optional<QuorumStatus.VoterStatus> next = status.of(broker);
        if (next.isEmpty()) {
            return refusal(ErrorCode.UNKNOWN_VOTER, "broker " + broker + " is none of the voters " + ids(status));
        }
        if (!next.get().answers()) {
            return refusal(
                    ErrorCode.VOTER_NOT_CAUGHT_UP,
                    "voter " + broker + " has not answered the leader for "
                            + next.get().silentMs() + " ms");
        }
        long lag = status.commitIndex() - next.get().matchIndex();
        return lag <= LAG_MAX
                ? Optional.empty()
                : refusal(
                        ErrorCode.VOTER_NOT_CAUGHT_UP,
                        "voter " + broker + " lacks " + lag + " entries of the metadata log, at most " + LAG_MAX
                                + " are allowed");
    }

    /**
     * Whether a voter has been removed, going by what the controller says.
     *
     * @param hasVoted it is one as far as it knows, or was one while its process ran
     * @param own the voters as its own log has them
     * @param told the voters that the controller names, after a change that is complete; older ones than its own may be
     *     from before it was added
     */
    static boolean isRemoved(Voter self, boolean hasVoted, VoterSet own, VoterSet told) {
        return hasVoted && !told.voters().isEmpty() && !told.has(self) && told.index() >= own.index();
    }

    private static Optional<CommandReply> majorityOf(int size, long answering, String change) {
        int needed = size / 2 + 1;
        return answering >= needed
                ? Optional.empty()
                : refusal(
                        ErrorCode.MAJORITY_WOULD_BE_LOST,
                        change + " there would be " + size + " voters, of which " + answering + " answer and " + needed
                                + " are needed");
    }

    private static long answering(QuorumStatus status) {
        return status.voters().stream()
                .filter(QuorumStatus.VoterStatus::answers)
                .count();
    }

    private static List<BrokerId> ids(QuorumStatus status) {
        return status.voters().stream().map(QuorumStatus.VoterStatus::broker).toList();
    }

    private static Optional<CommandReply> refusal(ErrorCode code, String message) {
        return Optional.of(CommandReply.refused(code, message));
    }
}
