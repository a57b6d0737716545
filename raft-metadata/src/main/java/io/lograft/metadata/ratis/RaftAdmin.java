package io.lograft.metadata.ratis;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.apache.ratis.server.RaftServer;

/**
 * What is asked of a Raft server besides commands: another leader, other members, a checkpoint. Each request has a time
 * after which it fails. Requests go out on the executor, as Ratis may block who asks. Safe for use by several threads.
 */
final class RaftAdmin {
    private static final long CHECKPOINT_TIMEOUT_MS = 5_000;

    private final RaftServer server;
    private final RaftGroup group;
    private final ClientId clientId;
    private final AtomicLong callIds;
    private final Executor executor;

    RaftAdmin(RaftServer server, RaftGroup group, ClientId clientId, AtomicLong callIds, Executor executor) {
        this.server = server;
        this.group = group;
        this.clientId = clientId;
        this.callIds = callIds;
        this.executor = executor;
    }

    private interface Call {
        CompletableFuture<RaftClientReply> start() throws IOException;
    }

    private CompletableFuture<RaftClientReply> ask(Call call, long timeoutMs) {
        CompletableFuture<RaftClientReply> reply = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    var unused = call.start().whenComplete((answer, failure) -> {
                        if (failure != null) {
                            reply.completeExceptionally(failure);
                        } else {
                            reply.complete(answer);
                        }
                    });
                } catch (IOException | RuntimeException e) {
                    reply.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException closed) {
            reply.completeExceptionally(closed);
        }
        return reply.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /**
     * Makes another voter the leader. Ratis waits until that one has the whole log and takes no commands meanwhile, so
     * the time should be short; after it the old leader goes on.
     */
    CompletableFuture<CommandReply> transferTo(Voter voter, long timeoutMs) {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                clientId,
                server.getId(),
                group.getGroupId(),
                callIds.getAndIncrement(),
                QuorumGroup.peerId(voter),
                timeoutMs);
        BrokerId to = voter.address().broker();
        return ask(() -> server.transferLeadershipAsync(request), timeoutMs + 500)
                .handle((reply, failure) -> outcome(reply, failure, "broker " + to + " did not take over"));
    }

    /** Makes these the members, where the present ones are still those. One member may differ. */
    CompletableFuture<CommandReply> setVoters(VoterSet present, List<Voter> wanted, long timeoutMs) {
        SetConfigurationRequest request = new SetConfigurationRequest(
                clientId,
                server.getId(),
                group.getGroupId(),
                callIds.getAndIncrement(),
                SetConfigurationRequest.Arguments.newBuilder()
                        .setServersInCurrentConf(peers(present.voters()))
                        .setServersInNewConf(peers(wanted))
                        .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                        .build());
        return ask(() -> server.setConfigurationAsync(request), timeoutMs)
                .handle((reply, failure) -> outcome(reply, failure, "the voters could not be changed"));
    }

    private static List<RaftPeer> peers(List<Voter> voters) {
        return voters.stream().map(QuorumGroup::peer).toList();
    }

    /** Makes a checkpoint now, so that the log can be purged; the future gives its index. */
    CompletableFuture<Long> checkpoint() {
        SnapshotManagementRequest request = SnapshotManagementRequest.newCreate(
                clientId, server.getId(), group.getGroupId(), callIds.getAndIncrement(), CHECKPOINT_TIMEOUT_MS, 1);
        return ask(() -> server.snapshotManagementAsync(request), 2 * CHECKPOINT_TIMEOUT_MS)
                .thenApply(RaftClientReply::getLogIndex);
    }

    private static CommandReply outcome(RaftClientReply reply, Throwable failure, String what) {
        Throwable cause = failure != null ? failure : reply.getException();
        if (cause == null) {
            return CommandReply.OK;
        }
        Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        ErrorCode code = switch (root) {
            case NotLeaderException deposed -> ErrorCode.NOT_CONTROLLER;
            case LeaderNotReadyException notReady -> ErrorCode.CONTROLLER_UNAVAILABLE;
            case LeaderSteppingDownException handingOver -> ErrorCode.CONTROLLER_UNAVAILABLE;
            case ReconfigurationInProgressException busy -> ErrorCode.VOTER_CHANGE_IN_PROGRESS;
            case ReconfigurationTimeoutException late -> ErrorCode.VOTER_NOT_CAUGHT_UP;
            case TransferLeadershipException refused -> ErrorCode.VOTER_NOT_CAUGHT_UP;
            case RejectedExecutionException closed -> ErrorCode.UNAVAILABLE;
            case TimeoutException late -> ErrorCode.OUTCOME_UNKNOWN;
            default -> ErrorCode.OUTCOME_UNKNOWN;
        };
        String why = root instanceof TimeoutException ? "no answer in time" : firstLine(root);
        return CommandReply.refused(code, what + ": " + why);
    }

    private static String firstLine(Throwable cause) {
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return text.lines().findFirst().orElse(text);
    }
}
