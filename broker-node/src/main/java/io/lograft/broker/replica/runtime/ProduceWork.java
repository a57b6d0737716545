package io.lograft.broker.replica.runtime;

import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.transport.Flushable;
import io.lograft.record.BatchHeader;
import java.nio.ByteBuffer;

/**
 * A batch on its way into a partition.
 *
 * @param batch one validated record batch; the partition takes it over and writes offset and epoch into it
 * @param header of the batch, as sent
 * @param arrivedNs {@link System#nanoTime} when the batch arrived
 * @param timeoutMs how long to wait for acks=all
 * @param clientLeaderEpoch the leader epoch that the client knows, -1 for no check
 * @param reply called exactly once, on the partition's loop; must only collect
 * @param stream flushed at the end of the loop's batch after a reply
 */
public record ProduceWork(
        ByteBuffer batch,
        BatchHeader header,
        Acks acks,
        long arrivedNs,
        long timeoutMs,
        int clientLeaderEpoch,
        Reply reply,
        Flushable stream) {

    /** Takes the outcome. */
    @FunctionalInterface
    public interface Reply {
        /** Tells how the batch ended; {@code logAppendTimeMs} is -1 unless the broker gave the records their time. */
        void complete(ProduceOutcome outcome, long logAppendTimeMs);
    }
}
