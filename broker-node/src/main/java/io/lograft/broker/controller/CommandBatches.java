package io.lograft.broker.controller;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Puts the wishes of one kind that come from all brokers while one command is under way into the next command. Owned by:
 * controller loop.
 */
final class CommandBatches<T> {
    private static final int WAITING_MAX = 10_000;
    private static final int COMMAND_MAX = 500;

    /** Hears of a wish that was refused. */
    interface Refusals<T> {
        void refused(SessionPeer peer, T wish, CommandReply reply);
    }

    private record Waiting<T>(SessionPeer peer, T wish) {}

    private final Executor loop;
    private final Function<List<T>, CompletableFuture<CommandReply>> quorum;
    private final Refusals<T> refusals;
    private List<Waiting<T>> waiting = new ArrayList<>();
    private boolean isUnderWay;

    private CommandBatches(
            Executor loop, Function<List<T>, CompletableFuture<CommandReply>> quorum, Refusals<T> refusals) {
        this.loop = loop;
        this.quorum = quorum;
        this.refusals = refusals;
    }

    /**
     * Batches of one kind of command.
     *
     * @param quorum carries a command out; the reply has one part for each wish, in their order
     */
    static <T> CommandBatches<T> of(
            Executor loop,
            Function<List<T>, MetadataCommand> command,
            Function<MetadataCommand, CompletableFuture<CommandReply>> quorum,
            Refusals<T> refusals) {
        return new CommandBatches<>(loop, command.andThen(quorum), refusals);
    }

    /** Takes wishes; beyond the bound they are dropped, and whoever wishes does so anew. */
    void add(SessionPeer peer, List<T> wishes) {
        for (T wish : wishes) {
            if (waiting.size() < WAITING_MAX) {
                waiting.add(new Waiting<>(peer, wish));
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
        List<Waiting<T>> sent = List.copyOf(waiting.subList(0, Math.min(COMMAND_MAX, waiting.size())));
        waiting = new ArrayList<>(waiting.subList(sent.size(), waiting.size()));
        quorum.apply(sent.stream().map(Waiting::wish).toList())
                .whenComplete((reply, failure) -> loop.execute(() -> answered(sent, reply, failure)));
    }

    private void answered(List<Waiting<T>> sent, CommandReply reply, Throwable failure) {
        isUnderWay = false;
        if (failure == null && reply.result() instanceof CommandReply.Parts parts) {
            for (int i = 0; i < sent.size(); i++) {
                CommandReply part = parts.replies().get(i);
                if (!part.isOk()) {
                    refusals.refused(sent.get(i).peer(), sent.get(i).wish(), part);
                }
            }
        }
        submit();
    }
}
