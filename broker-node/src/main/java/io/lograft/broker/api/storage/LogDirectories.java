package io.lograft.broker.api.storage;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.TopicPartition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The log directories of this broker. Any thread; nothing blocks. */
public interface LogDirectories {

    /** How a directory is. */
    enum State {
        ONLINE,
        FULL,
        OFFLINE
    }

    /**
     * A directory.
     *
     * @param id empty where it could not be read
     * @param usableBytes of its disk, -1 where not known
     */
    record Directory(
            String path, String id, State state, long sizeBytes, int replicaCount, long usableBytes, long totalBytes) {}

    /** How far a move is. */
    enum MoveState {
        WAITING,
        COPYING,
        DONE,
        FAILED
    }

    /** A replica on its way from one directory to another. */
    record Move(
            TopicPartition partition,
            String from,
            String to,
            MoveState state,
            long copiedBytes,
            long totalBytes,
            Optional<CommandReply> failure) {}

    /** All that are configured. */
    CompletableFuture<List<Directory>> directories();

    /** Those under way and the last ones. */
    List<Move> moves();

    /** Begins a move; refused where it makes no sense. */
    CompletableFuture<CommandReply> move(TopicPartition partition, String directory);
}
