/**
 * The codecs of record batches: gzip, snappy, lz4 and zstd in the framing that Kafka's clients use, and none.
 *
 * <p>{@link io.lograft.record.codec.Codec} is what all of them do: compress bytes in memory at a level, and read them
 * back as a stream. A stream holds no more than one block, or the window of the codec, whatever its input claims, so a
 * reader that skips what it does not need works in bounded memory; {@link io.lograft.record.codec.Decompressed} holds
 * all, up to a bound.
 *
 * <p>Pure: works on bytes in memory, knows neither files nor threads. Uses nothing of ours.
 */
package io.lograft.record.codec;
