/**
 * What a topic asks of the batches that clients send, and the work that it means.
 *
 * <p>{@link io.lograft.broker.produce.ProduceRules} are a topic's settings, {@link io.lograft.broker.produce.ProduceCheck}
 * carries them out: checks every record, and changes the codec where the topic has another one. That can take a while for
 * compressed batches, so it is no work for a partition's loop.
 *
 * <p>Pure: bytes and a time in, a verdict out. Uses {@code record} and the model.
 */
package io.lograft.broker.produce;
