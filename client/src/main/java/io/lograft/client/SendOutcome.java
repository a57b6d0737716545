package io.lograft.client;

import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchAck;
import io.lograft.client.core.produce.RecordOutcome;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One record's outcome on its way to the application. Whoever sends sets the timestamp first. */
interface SendOutcome extends RecordOutcome {

    void sentAt(long timestampMs);

    /** As a future, which is all that a record costs besides its bytes. */
    final class Future extends CompletableFuture<RecordMetadata> implements SendOutcome {
        private long timestampMs;

        @Override
        public void sentAt(long timeMs) {
            timestampMs = timeMs;
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            complete(new RecordMetadata(ack, index, timestampMs));
        }

        @Override
        public void failed(Failure failure) {
            completeExceptionally(new LograftException(failure.code(), failure.message()));
        }
    }

    /** As a call of the application's code. */
    final class Callback implements SendOutcome {
        private static final Logger LOG = LoggerFactory.getLogger(Producer.class);

        private final SendCallback callback;
        private long timestampMs;

        Callback(SendCallback callback) {
            this.callback = callback;
        }

        @Override
        public void sentAt(long timeMs) {
            timestampMs = timeMs;
        }

        @Override
        public void acknowledged(BatchAck ack, int index) {
            call(new RecordMetadata(ack, index, timestampMs), null);
        }

        @Override
        public void failed(Failure failure) {
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
