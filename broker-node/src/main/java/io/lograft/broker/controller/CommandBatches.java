package io.lograft.broker.controller;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Puts the wishes of one kind that come from all brokers while one command is under way into the next command. Of what a
 * broker wishes for one partition only the newest counts: while thousands wait, brokers wish the same again. Owned by:
 * controller loop.
 */
final class CommandBatches<T> {
    private static final int WAITING_MAX = 50_000;
    private static final int COMMAND_MAX = 2_000;

    /** Hears of a wish that was refused. */
    interface Refusals<T> {
        void refused(SessionPeer peer, T wish, CommandReply reply);
    }

    private record Waiting<T>(SessionPeer peer, T wish) {}

    private record Key(SessionPeer peer, PartitionId partition) {}

    private final Executor loop;
    private final Function<List<T>, CompletableFuture<CommandReply>> quorum;
    private final Refusals<T> refusals;
    private final Function<T, PartitionId> partition;
    private final Map<Key, Waiting<T>> waiting = new LinkedHashMap<>();
    private boolean isUnderWay;

    private CommandBatches(
            Executor loop,
            Function<T, PartitionId> partition,
            Function<List<T>, CompletableFuture<CommandReply>> quorum,
            Refusals<T> refusals) {
        this.loop = loop;
        this.partition = partition;
        this.quorum = quorum;
        this.refusals = refusals;
    }

    /**
     * Batches of one kind of command.
     *
     * @param partition what a wish is about
     * @param quorum carries a command out; the reply has one part for each wish, in their order
     */
    static <T> CommandBatches<T> of(
            Executor loop,
            Function<T, PartitionId> partition,
            Function<List<T>, MetadataCommand> command,
            Function<MetadataCommand, CompletableFuture<CommandReply>> quorum,
            Refusals<T> refusals) {
        return new CommandBatches<>(loop, partition, command.andThen(quorum), refusals);
    }

    /** Takes wishes; beyond the bound they are dropped, and whoever wishes does so anew. */
    void add(SessionPeer peer, List<T> wishes) {
        for (T wish : wishes) {
            Key key = new Key(peer, partition.apply(wish));
            if (waiting.size() < WAITING_MAX || waiting.containsKey(key)) {
                waiting.put(key, new Waiting<>(peer, wish));
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
        List<Waiting<T>> sent = new ArrayList<>();
        Iterator<Waiting<T>> next = waiting.values().iterator();
        while (next.hasNext() && sent.size() < COMMAND_MAX) {
            sent.add(next.next());
            next.remove();
        }
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
