package io.lograft.client.serde;

import java.util.Objects;

/**
 * Both ways between objects and bytes.
 *
 * <pre>{@code
 * Serde<UUID> uuids = new Serde<>(
 *         (topic, id) -> id.toString().getBytes(UTF_8),
 *         (topic, bytes) -> UUID.fromString(new String(bytes, UTF_8)));
 * }</pre>
 *
 * <p>Immutable; may be shared by threads as far as its two parts may.
 */
public record Serde<T>(Serializer<T> serializer, Deserializer<T> deserializer)
        implements Serializer<T>, Deserializer<T> {
    public Serde {
        Objects.requireNonNull(serializer, "serializer");
        Objects.requireNonNull(deserializer, "deserializer");
    }

    @Override
    public byte[] serialize(String topic, T value) {
        return serializer.serialize(topic, value);
    }

    @Override
    public T deserialize(String topic, byte[] bytes) {
        return deserializer.deserialize(topic, bytes);
    }
}
