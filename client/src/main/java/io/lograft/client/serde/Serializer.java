package io.lograft.client.serde;

/**
 * Makes bytes of a key or a value.
 *
 * <pre>{@code
 * Serializer<Order> orders = (topic, order) -> order.toJson().getBytes(UTF_8);
 * }</pre>
 *
 * <p>May be called by several threads at once. Is never given null: a null key or value is written as such.
 */
@FunctionalInterface
public interface Serializer<T> {
    /** The bytes; null for a record without this part. What it throws becomes a {@link SerializationException}. */
    byte[] serialize(String topic, T value);
}
