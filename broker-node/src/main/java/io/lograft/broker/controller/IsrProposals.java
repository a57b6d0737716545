package io.lograft.broker.controller;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Puts the proposals of all brokers that come while one command is under way into the next command. Owned by: controller
 * loop.
 */
final class IsrProposals {
    private static final int WAITING_MAX = 10_000;
    private static final int COMMAND_MAX = 500;

    private record Waiting(SessionPeer peer, IsrProposal proposal) {}

    private final Executor loop;
    private final Function<MetadataCommand, CompletableFuture<CommandReply>> quorum;
    private List<Waiting> waiting = new ArrayList<>();
    private boolean isUnderWay;

    IsrProposals(Executor loop, Function<MetadataCommand, CompletableFuture<CommandReply>> quorum) {
        this.loop = loop;
        this.quorum = quorum;
    }

    /** Takes proposals; beyond the bound they are dropped, and their leaders propose anew. */
    void add(SessionPeer peer, List<IsrProposal> proposals) {
        for (IsrProposal proposal : proposals) {
            if (waiting.size() < WAITING_MAX) {
                waiting.add(new Waiting(peer, proposal));
            }
        }
        submit();
    }

    /** Forgets what waits: this broker is not the controller any more. */
    void clear() {
        waiting.clear();
    }

    private void submit() {
        if (isUnderWay || waiting.isEmpty()) {
            return;
        }
        isUnderWay = true;
        List<Waiting> batch = waiting.subList(0, Math.min(COMMAND_MAX, waiting.size()));
        List<Waiting> sent = List.copyOf(batch);
        waiting = new ArrayList<>(waiting.subList(sent.size(), waiting.size()));
        List<IsrProposal> proposals = sent.stream().map(Waiting::proposal).toList();
        quorum.apply(new MetadataCommand.AlterIsr(proposals))
                .whenComplete((reply, failure) -> loop.execute(() -> answered(sent, reply, failure)));
    }

    private void answered(List<Waiting> sent, CommandReply reply, Throwable failure) {
        isUnderWay = false;
        if (failure == null && reply.result() instanceof CommandReply.Parts parts) {
            for (int i = 0; i < sent.size(); i++) {
                CommandReply part = parts.replies().get(i);
                if (!part.isOk()) {
                    refuse(sent.get(i), part);
                }
            }
        }
        submit();
    }

    private static void refuse(Waiting refused, CommandReply reply) {
        refused.peer()
                .send(SessionResponse.newBuilder()
                        .setIsrRefusals(SessionResponse.IsrRefusals.newBuilder()
                                .addRefusals(SessionResponse.IsrRefusal.newBuilder()
                                        .setTopicId(WireBytes.topicId(
                                                refused.proposal().partition().topic()))
                                        .setPartition(
                                                refused.proposal().partition().partition())
                                        .setFailure(Failure.newBuilder()
                                                .setCode(ErrorCodes.toProto(reply.error()))
                                                .setMessage(reply.message()))))
                        .build());
    }
}
