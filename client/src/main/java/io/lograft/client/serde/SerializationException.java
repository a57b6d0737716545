package io.lograft.client.serde;

/**
 * A serializer failed, so that a record was not sent. Comes out of {@link TypedProducer#send(TypedRecord)}.
 *
 * <pre>{@code
 * try {
 *     producer.send(record);
 * } catch (SerializationException e) {
 *     log.warn("not sent: {}", e.getMessage());
 * }
 * }</pre>
 */
public final class SerializationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SerializationException(String message, RuntimeException cause) {
        super(message, cause);
    }
}
