/**
 * Records whose keys and values are objects: what the rest of the SDK has as bytes. Optional.
 *
 * <p>{@link io.lograft.client.serde.Serdes} has serializers for text, numbers, bytes and protobuf messages; others are a
 * lambda. {@link io.lograft.client.serde.TypedProducer} and {@link io.lograft.client.serde.TypedConsumer} are views of a
 * producer and a consumer, and keep their rules about threads and closing.
 */
package io.lograft.client.serde;
