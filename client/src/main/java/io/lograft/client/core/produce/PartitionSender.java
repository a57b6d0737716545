package io.lograft.client.core.produce;

import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Sends the batches of one partition to its leader, in order, and sends them again until they are acknowledged.
 *
 * <p>The batches that were sent and not acknowledged are kept in order. Either all of them are outstanding at the leader
 * or none is: whatever goes wrong with one, all are sent again, in order and with the same sequences, so that an
 * idempotent producer's records keep their order and leave no duplicate. When a batch has to be given up, its sequence
 * would leave a gap; then the batches behind it go on under a fresh identity. A batch that may have been written (it is
 * <em>uncertain</em>) is never sent under another identity: giving it up fails all that was sent behind it, too.
 *
 * <p>Two halves, which keep its sequences, take the place of a batch that is refused for its size.
 *
 * <p>A producer with a name brings identity and sequences along in its batches, and has one in flight. The leader compares
 * them with what it has, and refuses a batch of which it has a part, or that is too large: such a batch is sent again in
 * halves, until each is new or a duplicate. A batch that is given up with a retriable code may still be wanted, and nothing
 * behind it may be written before it: the sender stops.
 *
 * <p>Batches are sent when nothing is in flight, or they are full, or have lingered; so they grow by themselves while the
 * brokers are busy. Owned by: client loop.
 */
public final class PartitionSender {
    private static final int NO_LEADER = -1;
    private static final int FAILURES_TO_SUSPECT = 4;

    private final TopicPartition partition;
    private final SenderConfig config;
    private final BatchSource source;
    private final ArrayDeque<ProducerBatch> unacknowledged = new ArrayDeque<>();

    private int leader = NO_LEADER;
    private int leaderEpoch = -1;
    private ProducerIdentity identity;
    private ProducerIdentity usedIdentity;
    private boolean isIdentityAsked;
    private int nextSequence;
    private int failures;
    private long blockedUntilMs = Long.MIN_VALUE;
    private long armedMs = Long.MAX_VALUE;
    private long correlationCount;
    private Failure stoppedBy;

    public PartitionSender(TopicPartition partition, SenderConfig config, BatchSource source) {
        this.partition = partition;
        this.config = config;
        this.source = source;
    }

    /** Takes an event in at a time, and adds what is to be done to {@code effects}. */
    public void on(SenderEvent event, long nowMs, List<SenderEffect> effects) {
        if (event instanceof SenderEvent.LeaderIs leaderIs) {
            onLeader(leaderIs);
        } else if (event instanceof SenderEvent.Acknowledged acknowledged) {
            onAcknowledged(acknowledged, effects);
        } else if (event instanceof SenderEvent.Refused refused) {
            onRefused(refused, nowMs, effects);
        } else if (event instanceof SenderEvent.StreamBroken broken) {
            onStreamBroken(broken, nowMs, effects);
        } else if (event instanceof SenderEvent.IdentityGranted granted) {
            identity = granted.identity();
            isIdentityAsked = false;
            nextSequence = 0;
        } else if (event instanceof SenderEvent.TopicGone gone) {
            failAll(gone.failure(), effects);
            failSource(Long.MAX_VALUE, gone.failure(), effects);
        } else if (event instanceof SenderEvent.Aborted aborted) {
            failAll(aborted.failure(), effects);
            failSource(Long.MAX_VALUE, aborted.failure(), effects);
        }
        if (nowMs >= armedMs) {
            armedMs = Long.MAX_VALUE;
        }
        if (stoppedBy != null) {
            failSource(Long.MAX_VALUE, stoppedBy, effects);
        }
        expire(nowMs, effects);
        pump(nowMs, effects);
        arm(nowMs, effects);
    }

    /** Batches that were sent at least once and are not acknowledged, oldest first. */
    public List<ProducerBatch> unacknowledged() {
        return List.copyOf(unacknowledged);
    }

    private void onLeader(SenderEvent.LeaderIs now) {
        if (now.broker() == leader && now.epoch() == leaderEpoch) {
            return;
        }
        if (now.epoch() < leaderEpoch) {
            return;
        }
        leader = now.broker();
        leaderEpoch = now.epoch();
        if (leader != NO_LEADER) {
            recall(true);
            blockedUntilMs = Long.MIN_VALUE;
        }
    }

    private void onAcknowledged(SenderEvent.Acknowledged event, List<SenderEffect> effects) {
        if (unacknowledged.remove(event.batch())) {
            failures = 0;
            effects.add(new SenderEffect.Acknowledge(event.batch(), event.ack()));
        }
    }

    private void onStreamBroken(SenderEvent.StreamBroken event, long nowMs, List<SenderEffect> effects) {
        ProducerBatch head = unacknowledged.peek();
        if (event.broker() != leader || head == null || !head.isOutstanding) {
            return;
        }
        head.lastRefusal = event.failure();
        recall(true);
        backOff(nowMs, effects);
    }

    private void onRefused(SenderEvent.Refused event, long nowMs, List<SenderEffect> effects) {
        ProducerBatch batch = event.batch();
        if (batch.isDone() || batch.correlationId != event.correlationId() || !batch.isOutstanding) {
            return; // An answer to a copy that another one has taken the place of.
        }
        ErrorCode code = event.failure().code();
        boolean isFirst = batch == unacknowledged.peek();
        batch.lastRefusal = event.failure();
        doubtThoseBefore(batch);
        if (code == ErrorCode.DUPLICATE_SEQUENCE) {
            onAcknowledged(new SenderEvent.Acknowledged(batch, BatchAck.withoutOffset(partition)), effects);
        } else if (batch.recordCount() > 1 && isCuredByHalves(batch, code)) {
            recall(false);
            replaceByHalves(batch);
        } else if (code.isRetriable() || !isFirst) {
            recall(leavesOutcomeOpen(code));
            backOff(nowMs, effects);
        } else if (isSequenceError(code) && !batch.isUncertain && !config.isNamed()) {
            recall(false);
            renewIdentity();
        } else {
            giveUp(batch, event.failure(), effects);
        }
    }

    /** A refusal may overtake the acknowledgements of batches before it, which wait for replicas. */
    private void doubtThoseBefore(ProducerBatch refused) {
        for (ProducerBatch batch : unacknowledged) {
            if (batch == refused) {
                return;
            }
            batch.isUncertain |= batch.isOutstanding;
        }
    }

    private void replaceByHalves(ProducerBatch batch) {
        List<ProducerBatch> all = List.copyOf(unacknowledged);
        unacknowledged.clear();
        for (ProducerBatch each : all) {
            unacknowledged.addAll(each == batch ? batch.halves() : List.of(each));
        }
    }

    /** Nothing is outstanding any more; everything is to be sent again. */
    private void recall(boolean mayBeWritten) {
        for (ProducerBatch batch : unacknowledged) {
            batch.isUncertain |= batch.isOutstanding && mayBeWritten;
            batch.isOutstanding = false;
        }
    }

    private void backOff(long nowMs, List<SenderEffect> effects) {
        failures++;
        blockedUntilMs = nowMs + RetryPolicy.REQUESTS.delayMs(failures);
        if (failures % FAILURES_TO_SUSPECT == 0) {
            effects.add(new SenderEffect.SuspectBroker(leader));
        }
    }

    private void renewIdentity() {
        usedIdentity = identity == null ? usedIdentity : identity;
        identity = null;
    }

    /** Fails a batch, and what can no longer be written behind it with certainty. */
    private void giveUp(ProducerBatch batch, Failure failure, List<SenderEffect> effects) {
        recall(false);
        if (config.isNamed() && failure.code().isRetriable()) {
            stop(failure, effects);
            return;
        }
        if (batch.isUncertain && !config.isNamed()) {
            failAll(failure, effects);
            return;
        }
        boolean isLast = batch == unacknowledged.peekLast();
        unacknowledged.remove(batch);
        effects.add(new SenderEffect.Fail(batch, failure));
        if (isLast && batch.identity != null && batch.identity.equals(identity)) {
            nextSequence = batch.baseSequence;
        } else {
            renewIdentity();
        }
    }

    private void stop(Failure failure, List<SenderEffect> effects) {
        failAll(failure, effects);
        failSource(Long.MAX_VALUE, failure, effects);
        stoppedBy = failure;
        effects.add(new SenderEffect.Stop(failure));
    }

    private void failAll(Failure failure, List<SenderEffect> effects) {
        if (unacknowledged.isEmpty()) {
            return;
        }
        for (ProducerBatch batch : unacknowledged) {
            effects.add(new SenderEffect.Fail(batch, failure));
        }
        unacknowledged.clear();
        renewIdentity();
    }

    private void failSource(long createdBeforeMs, Failure failure, List<SenderEffect> effects) {
        while (source.oldestMs() < createdBeforeMs) {
            ProducerBatch batch = source.take(true);
            if (batch == null) {
                return;
            }
            effects.add(new SenderEffect.Fail(batch, failure));
        }
    }

    private void expire(long nowMs, List<SenderEffect> effects) {
        long cutoffMs = nowMs - config.deliveryTimeoutMs();
        if (config.isNamed()) {
            ProducerBatch head = unacknowledged.peek();
            if ((head == null ? source.oldestMs() : head.createdMs()) <= cutoffMs) {
                stop(expired(head == null ? null : head.lastRefusal), effects);
            }
            return;
        }
        while (!unacknowledged.isEmpty() && unacknowledged.peek().createdMs() <= cutoffMs) {
            ProducerBatch head = unacknowledged.peek();
            head.isUncertain |= head.isOutstanding;
            giveUp(head, expired(head.lastRefusal), effects);
        }
        if (source.oldestMs() <= cutoffMs) {
            failSource(cutoffMs + 1, expired(null), effects);
        }
    }

    private Failure expired(Failure last) {
        String why = last == null ? (leader == NO_LEADER ? "it has no leader" : "no answer came") : last.toString();
        ErrorCode code = last == null ? ErrorCode.REQUEST_TIMED_OUT : last.code();
        return new Failure(
                code,
                "partition " + partition + " acknowledged nothing for " + config.deliveryTimeoutMs() + " ms: " + why);
    }

    private void pump(long nowMs, List<SenderEffect> effects) {
        boolean hasWork = !unacknowledged.isEmpty() || source.oldestMs() != BatchSource.NONE;
        if (!hasWork || leader == NO_LEADER || nowMs < blockedUntilMs) {
            return;
        }
        if (config.isIdempotent() && identity == null) {
            askIdentity(effects);
            return;
        }
        int room = inFlightMax();
        for (ProducerBatch batch : unacknowledged) {
            if (room-- > 0 && !batch.isOutstanding) {
                send(batch, nowMs, effects);
            }
        }
        while (unacknowledged.size() < inFlightMax()) {
            ProducerBatch batch = source.take(mayTakeOpen(nowMs));
            if (batch == null) {
                return;
            }
            if (config.isAnswered()) {
                unacknowledged.add(batch);
            }
            send(batch, nowMs, effects);
        }
    }

    private int inFlightMax() {
        return config.isIdempotent() || !config.isAnswered() ? config.inFlightMax() : 1;
    }

    private boolean mayTakeOpen(long nowMs) {
        long oldestMs = source.oldestMs();
        return unacknowledged.isEmpty() || (oldestMs != BatchSource.NONE && oldestMs + config.lingerMs() <= nowMs);
    }

    private void askIdentity(List<SenderEffect> effects) {
        if (!isIdentityAsked) {
            isIdentityAsked = true;
            effects.add(new SenderEffect.AskIdentity(usedIdentity));
        }
    }

    private void send(ProducerBatch batch, long nowMs, List<SenderEffect> effects) {
        if (config.isIdempotent() && !identity.equals(batch.identity)) {
            batch.stamp(identity, nextSequence);
            nextSequence = (nextSequence + batch.recordCount()) & Integer.MAX_VALUE;
        }
        batch.isOutstanding = true;
        batch.sentMs = nowMs;
        batch.correlationId = correlationCount++;
        effects.add(new SenderEffect.Send(batch, leader, leaderEpoch));
        if (!config.isAnswered()) {
            effects.add(new SenderEffect.Acknowledge(batch, BatchAck.withoutOffset(partition)));
        }
    }

    /** Asks to be woken for what comes next by time alone. */
    private void arm(long nowMs, List<SenderEffect> effects) {
        long wakeMs = Long.MAX_VALUE;
        long sourceMs = source.oldestMs();
        ProducerBatch head = unacknowledged.peek();
        if (head == null && sourceMs == BatchSource.NONE) {
            return;
        }
        wakeMs = Math.min(wakeMs, (head == null ? sourceMs : head.createdMs()) + config.deliveryTimeoutMs());
        if (leader != NO_LEADER && nowMs < blockedUntilMs) {
            wakeMs = Math.min(wakeMs, blockedUntilMs);
        }
        if (head != null && head.isOutstanding) {
            if (nowMs - head.sentMs >= config.suspectAfterMs()) {
                effects.add(new SenderEffect.SuspectBroker(leader));
                wakeMs = Math.min(wakeMs, nowMs + config.suspectAfterMs());
            } else {
                wakeMs = Math.min(wakeMs, head.sentMs + config.suspectAfterMs());
            }
            if (sourceMs != BatchSource.NONE && unacknowledged.size() < inFlightMax()) {
                wakeMs = Math.min(wakeMs, sourceMs + config.lingerMs());
            }
        }
        if (wakeMs < armedMs) {
            armedMs = wakeMs;
            effects.add(new SenderEffect.WakeAt(wakeMs));
        }
    }

    /** The sequence does not fit to what the broker remembers; nothing was appended. */
    private static boolean isSequenceError(ErrorCode code) {
        return code == ErrorCode.OUT_OF_ORDER_SEQUENCE || code == ErrorCode.UNKNOWN_PRODUCER;
    }

    /**
     * Only a part of the batch is refused, or it as a whole. Without a name a batch that may have been written stays whole,
     * since only as a whole it is recognised.
     */
    private boolean isCuredByHalves(ProducerBatch batch, ErrorCode code) {
        return config.isNamed()
                ? code == ErrorCode.OUT_OF_ORDER_SEQUENCE || code == ErrorCode.RECORD_TOO_LARGE
                : code == ErrorCode.RECORD_TOO_LARGE && !batch.isUncertain;
    }

    private static boolean leavesOutcomeOpen(ErrorCode code) {
        return switch (code) {
            case OUTCOME_UNKNOWN, REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS_AFTER_APPEND, UNAVAILABLE, STORAGE_ERROR ->
                true;
            default -> false;
        };
    }
}
