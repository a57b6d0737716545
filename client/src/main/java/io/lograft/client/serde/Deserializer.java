package io.lograft.client.serde;

/**
 * Makes a key or a value of bytes.
 *
 * <pre>{@code
 * Deserializer<Order> orders = (topic, bytes) -> Order.ofJson(new String(bytes, UTF_8));
 * }</pre>
 *
 * <p>Called by the thread that polls. Is never given null: a null key or value is read as such.
 */
@FunctionalInterface
public interface Deserializer<T> {
    /** The object. What it throws becomes a {@link DeserializationException} that names the record. */
    T deserialize(String topic, byte[] bytes);
}
