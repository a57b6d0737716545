package io.lograft.broker.app.storage;

import io.lograft.broker.api.storage.LogDirectories;
import io.lograft.broker.api.storage.LogDirectories.MoveState;
import io.lograft.metadata.command.CommandReply;
import io.lograft.model.TopicPartition;
import java.util.Optional;

/** How far one move is. Written by the thread that moves, read by any. */
final class MoveProgress {
    private final TopicPartition partition;
    private final String from;
    private final String to;
    private volatile MoveState state = MoveState.WAITING;
    private volatile long copiedBytes;
    private volatile long totalBytes;
    private volatile CommandReply failure;

    MoveProgress(TopicPartition partition, String from, String to) {
        this.partition = partition;
        this.from = from;
        this.to = to;
    }

    void copying(long total) {
        totalBytes = total;
        state = MoveState.COPYING;
    }

    void copied(long bytes) {
        copiedBytes = bytes;
    }

    void ended(CommandReply reply) {
        failure = reply.isOk() ? null : reply;
        state = reply.isOk() ? MoveState.DONE : MoveState.FAILED;
    }

    boolean isOver() {
        return state == MoveState.DONE || state == MoveState.FAILED;
    }

    TopicPartition partition() {
        return partition;
    }

    LogDirectories.Move now() {
        return new LogDirectories.Move(
                partition, from, to, state, copiedBytes, totalBytes, Optional.ofNullable(failure));
    }
}
