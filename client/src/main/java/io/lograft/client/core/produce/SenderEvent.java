package io.lograft.client.core.produce;

import io.lograft.client.core.Failure;

/** What happens to a {@link PartitionSender}. */
public sealed interface SenderEvent {

    /** Records wait, or time has passed: see what there is to do. */
    record Wake() implements SenderEvent {
        public static final Wake INSTANCE = new Wake();
    }

    /** The partition's leader as metadata have it; broker -1 while there is none. */
    record LeaderIs(int broker, int epoch) implements SenderEvent {}

    /** The topic was deleted, or made anew under its name: nothing that waits can be written. */
    record TopicGone(Failure failure) implements SenderEvent {}

    /** The leader acknowledged a batch. */
    record Acknowledged(ProducerBatch batch, BatchAck ack) implements SenderEvent {}

    /** A broker refused the copy of a batch that was sent under this correlation id. */
    record Refused(ProducerBatch batch, long correlationId, Failure failure) implements SenderEvent {}

    /** The stream to a broker broke: what was sent on it may have been written or not. */
    record StreamBroken(int broker, Failure failure) implements SenderEvent {}

    /** An identity that this partition has not used before. */
    record IdentityGranted(ProducerIdentity identity) implements SenderEvent {}

    /** The producer is closed: what is not acknowledged fails. */
    record Aborted(Failure failure) implements SenderEvent {}
}
