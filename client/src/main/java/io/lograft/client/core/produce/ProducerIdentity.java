package io.lograft.client.core.produce;

/** A producer id with its epoch, under which sequences are counted per partition. */
public record ProducerIdentity(long producerId, short epoch) {}
