package io.lograft.client;

/**
 * Is told once what became of a record.
 *
 * <pre>{@code
 * producer.send(record, (written, failure) -> {
 *     if (failure != null) {
 *         log.warn("not written: {}", failure.getMessage());
 *     }
 * });
 * }</pre>
 *
 * <p>Called on the client's network thread: it must be quick and must not block, not even for another record.
 */
@FunctionalInterface
public interface SendCallback {

    /** Either what was written, or why it was not; the other is null. */
    void onCompletion(RecordMetadata written, LograftException failure);
}
