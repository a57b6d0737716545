package io.lograft.client.core.produce;

import io.lograft.client.core.Failure;

/** What a {@link PartitionSender} wants done, in this order. */
public sealed interface SenderEffect {

    /** Send the batch on the stream to the broker, behind all that was sent there before. */
    record Send(ProducerBatch batch, int broker, int leaderEpoch) implements SenderEffect {}

    /** Tell the batch's records, and free its memory. */
    record Acknowledge(ProducerBatch batch, BatchAck ack) implements SenderEffect {}

    /** Tell the batch's records, and free its memory. */
    record Fail(ProducerBatch batch, Failure failure) implements SenderEffect {}

    /** Refuse what is added from now on, and wake the sender, which fails what was added before. */
    record Stop(Failure failure) implements SenderEffect {}

    /** Answer with {@link SenderEvent.IdentityGranted}: another identity than {@code used}, which may be null. */
    record AskIdentity(ProducerIdentity used) implements SenderEffect {}

    /** Send {@link SenderEvent.Wake} at this time. */
    record WakeAt(long timeMs) implements SenderEffect {}

    /** The broker does not answer, or does not know better: learn metadata from another one. */
    record SuspectBroker(int broker) implements SenderEffect {}
}
