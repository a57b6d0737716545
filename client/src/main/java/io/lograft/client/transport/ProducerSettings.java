package io.lograft.client.transport;

import io.lograft.client.core.produce.SenderConfig;
import io.lograft.proto.v1.Acks;
import io.lograft.record.Compression;

/**
 * How a producer works.
 *
 * @param batchBytes size that a batch does not pass before compression, unless by its first record
 * @param bufferBytes memory for records that wait to be acknowledged
 * @param blockMs how long adding a record may wait for memory or metadata
 * @param requestTimeoutMs how long a leader may wait for its followers before it answers
 */
public record ProducerSettings(
        SenderConfig sender,
        Acks acks,
        Compression compression,
        int compressionLevel,
        int batchBytes,
        long bufferBytes,
        long blockMs,
        int requestTimeoutMs) {}
