package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchAck;
import io.lograft.client.core.produce.RecordOutcome;
import io.lograft.client.transport.SendCounts;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One record's outcome on its way to the application. Whoever sends says first who counts it, and when it was sent. */
interface SendOutcome extends RecordOutcome {

    void countedBy(SendCounts counts);

    void sentAt(long timestampMs);

    /** As a future, which is all that a record costs besides its bytes. */
    final class Future extends CompletableFuture<RecordMetadata> implements SendOutcome {
        private SendCounts counts;
        private long timestampMs;

        @Override
        public void countedBy(SendCounts by) {
            counts = by;
        }

        @Override
        public void sentAt(long timeMs) {
            timestampMs = timeMs;
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            counts.addAcknowledged();
            complete(new RecordMetadata(ack, index, timestampMs));
        }

        @Override
        public void failed(Failure failure) {
            counts.addFailed();
            completeExceptionally(new LograftException(failure.code(), failure.message()));
        }
    }

    /** As a call of the application's code. */
    final class Callback implements SendOutcome {
        private static final Logger LOG = LoggerFactory.getLogger(Producer.class);

        private final SendCallback callback;
        private SendCounts counts;
        private long timestampMs;

        Callback(SendCallback callback) {
            this.callback = callback;
        }

        @Override
        public void countedBy(SendCounts by) {
            counts = by;
        }

        @Override
        public void sentAt(long timeMs) {
            timestampMs = timeMs;
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            counts.addAcknowledged();
            call(new RecordMetadata(ack, index, timestampMs), null);
        }

        @Override
        public void failed(Failure failure) {
            counts.addFailed();
            call(null, new LograftException(failure.code(), failure.message()));
        }

        private void call(RecordMetadata written, LograftException failure) {
            try {
                callback.onCompletion(written, failure);
            } catch (RuntimeException e) {
                // The application's fault must not stop the other records of the batch.
                LOG.error("a send callback threw", e);
            }
        }
    }
}
