package io.lograft.broker.cluster;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.BrokerId;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Producer ids out of blocks that this broker took from the quorum; what is left of a block when the process ends is
 * never used. Safe for use by several threads.
 */
public final class BlockProducerIds {
    private static final int BLOCK_IDS = 1_000;
    private static final int WAITING_MAX = 10_000;

    private final BrokerId self;
    private final BrokerSession session;
    private final Queue<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean isAsking;

    /** Takes the first block when the first id is asked for. */
    public BlockProducerIds(BrokerId self, BrokerSession session) {
        this.self = self;
        this.session = session;
    }

    /** An id that nobody else gets; fails with a gRPC status exception where no controller can be reached. */
    public CompletableFuture<Long> next() {
        synchronized (this) {
            if (next < end) {
                return CompletableFuture.completedFuture(next++);
            }
            if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(GrpcErrors.exception(
                        io.lograft.model.ErrorCode.BUSY, WAITING_MAX + " producers wait for their ids"));
            }
            CompletableFuture<Long> id = new CompletableFuture<>();
            waiting.add(id);
            if (isAsking) {
                return id;
            }
            isAsking = true;
            ask();
            return id;
        }
    }

    private void ask() {
        BrokerRef ref = new BrokerRef(self, session.brokerEpoch());
        session.submit(new MetadataCommand.AllocateProducerIds(ref, BLOCK_IDS)).whenComplete(this::answered);
    }

    private void answered(CommandReply reply, Throwable failure) {
        if (failure != null) {
            failAll(failure);
        } else if (reply.result() instanceof CommandReply.ProducerIdBlock block) {
            serve(block);
        } else {
            failAll(GrpcErrors.exception(reply.error(), reply.message()));
        }
    }

    private void serve(CommandReply.ProducerIdBlock block) {
        List<Runnable> served = new ArrayList<>();
        synchronized (this) {
            next = block.first();
            end = block.first() + block.count();
            while (!waiting.isEmpty() && next < end) {
                CompletableFuture<Long> one = waiting.poll();
                long id = next++;
                served.add(() -> one.complete(id));
            }
            isAsking = !waiting.isEmpty();
            if (isAsking) {
                ask();
            }
        }
        served.forEach(Runnable::run);
    }

    private void failAll(Throwable failure) {
        List<CompletableFuture<Long>> failed;
        synchronized (this) {
            isAsking = false;
            failed = List.copyOf(waiting);
            waiting.clear();
        }
        failed.forEach(one -> one.completeExceptionally(failure));
    }
}
