package io.lograft.broker.log.state;

import io.lograft.model.ErrorCode;
import io.lograft.record.BatchHeader;
import io.lograft.record.NamedProducerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a partition remembers of its idempotent producers: epoch and last five batches of each, so that a retried batch is
 * recognised (R7). Pure; owned by the partition loop. A function of the log, but for the times, which are those of the
 * local append and serve expiry only.
 *
 * <p>A producer that is not known here must start at sequence 0. That also holds for one that was forgotten (after
 * {@code producer.id.expiration.ms} without an append): it is answered UNKNOWN_PRODUCER and goes on under a new id. Were
 * any sequence accepted, a second batch that overtakes a lost first one would be appended before it. Producers that go by
 * a name have rules of their own, see {@link NamedSequences}.
 */
public final class ProducerStates {
    /** How many batches a producer may have under way and retry. */
    public static final int BATCHES_KEPT = 5;

    /** One appended batch of a producer. */
    public record Entry(
            long producerId, short epoch, int firstSequence, int lastSequence, long lastOffset, long appendedMs) {

        int lastOffsetDelta() {
            return distance(firstSequence, lastSequence);
        }

        long firstOffset() {
            return lastOffset - lastOffsetDelta();
        }
    }

    private final Map<Long, Deque<Entry>> producers = new HashMap<>();

    /** What a snapshot tells; entries of one producer come in the order of their offsets. */
    public static ProducerStates of(List<Entry> entries) {
        ProducerStates states = new ProducerStates();
        entries.forEach(states::restore);
        return states;
    }

    /** Whether the batch may be appended, is in the log, or must be refused. */
    public SequenceCheck check(BatchHeader batch) {
        if (!batch.hasProducer() || batch.isControl()) {
            return SequenceCheck.New.INSTANCE;
        }
        Deque<Entry> known = producers.get(batch.producerId());
        if (NamedProducerId.isNamed(batch.producerId())) {
            return NamedSequences.check(known, batch);
        }
        if (known == null) {
            return batch.baseSequence() == 0
                    ? SequenceCheck.New.INSTANCE
                    : refused(ErrorCode.UNKNOWN_PRODUCER, batch, "nothing is known of it here");
        }
        Entry last = known.getLast();
        if (batch.producerEpoch() < last.epoch()) {
            return refused(ErrorCode.PRODUCER_FENCED, batch, "its epoch is " + last.epoch());
        }
        if (batch.producerEpoch() > last.epoch()) {
            return batch.baseSequence() == 0
                    ? SequenceCheck.New.INSTANCE
                    : refused(ErrorCode.OUT_OF_ORDER_SEQUENCE, batch, "a new epoch starts at sequence 0");
        }
        return checkSameEpoch(known, batch);
    }

    private static SequenceCheck checkSameEpoch(Deque<Entry> known, BatchHeader batch) {
        for (Entry entry : known) {
            if (entry.firstSequence() == batch.baseSequence() && entry.lastSequence() == batch.lastSequence()) {
                return new SequenceCheck.Duplicate(entry.firstOffset(), entry.lastOffset());
            }
        }
        int expected = next(known.getLast().lastSequence());
        if (batch.baseSequence() == expected) {
            return SequenceCheck.New.INSTANCE;
        }
        boolean isOld = isBefore(batch.baseSequence(), expected) && isBefore(batch.lastSequence(), expected);
        return isOld
                ? refused(ErrorCode.DUPLICATE_SEQUENCE, batch, "the next sequence is " + expected)
                : refused(ErrorCode.OUT_OF_ORDER_SEQUENCE, batch, "the next sequence is " + expected);
    }

    static SequenceCheck.Refused refused(ErrorCode error, BatchHeader batch, String why) {
        return new SequenceCheck.Refused(
                error,
                "producer " + batch.producerId() + " epoch " + batch.producerEpoch() + " sequences "
                        + batch.baseSequence() + " to " + batch.lastSequence() + ": " + why);
    }

    /** Takes note of a batch that is in the log at its final offset; the leader has checked it. */
    public void appended(BatchHeader batch, long nowMs) {
        if (!batch.hasProducer() || batch.isControl()) {
            return;
        }
        restore(new Entry(
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.lastSequence(),
                batch.lastOffset(),
                nowMs));
    }

    /** Takes note of an entry of a snapshot; those of one producer come in the order of their offsets. */
    public void restore(Entry entry) {
        Deque<Entry> known = producers.computeIfAbsent(entry.producerId(), id -> new ArrayDeque<>(BATCHES_KEPT));
        if (!known.isEmpty()
                && known.getLast().epoch() != entry.epoch()
                && !NamedProducerId.isNamed(entry.producerId())) {
            known.clear();
        }
        if (known.size() == BATCHES_KEPT) {
            known.removeFirst();
        }
        known.addLast(entry);
    }

    /** Forgets the producers that appended nothing since. */
    public void expire(long beforeMs) {
        producers.values().removeIf(known -> known.getLast().appendedMs() < beforeMs);
    }

    public int count() {
        return producers.size();
    }

    /** All that is known; of each producer the oldest batch first. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        producers.values().stream().flatMap(Collection::stream).forEach(entries::add);
        return entries;
    }

    /** Which batches have to leave their header when compaction takes their records. Immutable. */
    public static final class Needed {
        private final long[] lastOffsets;
        private final long[] producerIds;

        /**
         * Both ascending.
         *
         * @param lastOffsets last offsets of the batches that are remembered
         * @param producerIds producers of which a truncation could take all that is remembered: whichever of their batches
         *     were the last ones before has to be known then
         */
        private Needed(long[] lastOffsets, long[] producerIds) {
            this.lastOffsets = lastOffsets;
            this.producerIds = producerIds;
        }

        public boolean has(BatchHeader batch) {
            return batch.hasProducer()
                    && (Arrays.binarySearch(lastOffsets, batch.lastOffset()) >= 0
                            || Arrays.binarySearch(producerIds, batch.producerId()) >= 0);
        }
    }

    /** What is needed of the batches below an offset, from which on the log may be truncated. */
    public Needed neededBelow(long offset) {
        long[] lastOffsets = producers.values().stream()
                .flatMap(Collection::stream)
                .mapToLong(Entry::lastOffset)
                .sorted()
                .toArray();
        long[] producerIds = producers.values().stream()
                .map(Deque::getFirst)
                .filter(oldest -> oldest.lastOffset() >= offset)
                .mapToLong(Entry::producerId)
                .sorted()
                .toArray();
        return new Needed(lastOffsets, producerIds);
    }

    /**
     * What is known from the batches that end below an offset. Where all that are remembered of a producer lie behind, the
     * sequence before them tells how far it had come by then.
     */
    public List<Entry> entriesBelow(long offset) {
        List<Entry> below = new ArrayList<>();
        for (Deque<Entry> known : producers.values()) {
            Entry oldest = known.getFirst();
            if (oldest.lastOffset() < offset) {
                known.stream().filter(entry -> entry.lastOffset() < offset).forEach(below::add);
            } else if (oldest.firstSequence() > 0 && offset > 0 && !NamedProducerId.isNamed(oldest.producerId())) {
                int before = oldest.firstSequence() - 1;
                below.add(new Entry(
                        oldest.producerId(), oldest.epoch(), before, before, offset - 1, oldest.appendedMs()));
            }
        }
        return below;
    }

    /** The sequence after this one; they wrap from the greatest int to 0. */
    private static int next(int sequence) {
        return (sequence + 1) & Integer.MAX_VALUE;
    }

    private static int distance(int from, int to) {
        return (to - from) & Integer.MAX_VALUE;
    }

    /** True if a sequence lies in the half of the ring before another. */
    private static boolean isBefore(int sequence, int other) {
        int ahead = distance(sequence, other);
        return ahead != 0 && ahead <= Integer.MAX_VALUE / 2;
    }
}
