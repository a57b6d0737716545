package io.lograft.client.serde;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The serdes that come with the SDK. Text and numbers have the bytes that Kafka's serializers of these types make.
 *
 * <pre>{@code
 * TypedProducer<String, Order> producer = cluster.producer(Serdes.string(), Serdes.protobuf(Order.parser()));
 * }</pre>
 *
 * <p>All of them are safe for use by several threads.
 */
public final class Serdes {
    private Serdes() {}

    /** UTF-8 text. Bytes that are none are read with replacement characters, as Kafka does: nothing is undecodable. */
    public static Serde<String> string() {
        return new Serde<>(
                (topic, text) -> text.getBytes(StandardCharsets.UTF_8),
                (topic, bytes) -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** Numbers of 8 bytes, the most significant first. */
    public static Serde<Long> longs() {
        return new Serde<>(
                (topic, number) ->
                        ByteBuffer.allocate(Long.BYTES).putLong(number).array(),
                (topic, bytes) -> {
                    if (bytes.length != Long.BYTES) {
                        throw new IllegalArgumentException("a long has 8 bytes, not " + bytes.length);
                    }
                    return ByteBuffer.wrap(bytes).getLong();
                });
    }

    /** Bytes as they are. */
    public static Serde<byte[]> bytes() {
        return new Serde<>((topic, bytes) -> bytes, (topic, bytes) -> bytes);
    }

    /** Messages of one protobuf type, by the parser that its generated class has. */
    public static <M extends MessageLite> Serde<M> protobuf(Parser<M> parser) {
        return new Serde<>((topic, message) -> message.toByteArray(), (topic, bytes) -> {
            try {
                return parser.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        });
    }
}
