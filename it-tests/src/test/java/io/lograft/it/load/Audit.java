package io.lograft.it.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Reads a whole topic at the end: every acknowledged record has to be there exactly once, at the offset that was
 * acknowledged, byte for byte and in order per key; every record that a consumer saw, where it saw it; and whatever else
 * is there was sent. Offsets have to be dense.
 */
public final class Audit {
    private static final Duration IDLE_MAX = Duration.ofSeconds(60);
    private static final int EXAMPLES_MAX = 20;

    /**
     * What was found.
     *
     * @param failed sent, and reported as failed: such a record may be there once, or not
     * @param wrong has to be nothing
     * @param examples of what is wrong, the first ones
     */
    public record Report(long sent, long acknowledged, long failed, long read, Findings wrong, List<String> examples) {

        public void assertClean() {
            assertThat(wrong.sum())
                    .as("%s%n%s", this, String.join("\n", examples))
                    .isZero();
        }

        @Override
        public String toString() {
            return "audited " + sent + " records, " + acknowledged + " acknowledged, " + failed + " failed, " + read
                    + " read: " + wrong;
        }
    }

    /**
     * How often something was wrong.
     *
     * @param pending without an outcome
     * @param gaps offsets that are missing or there twice
     * @param moved at another offset than it was acknowledged at
     * @param seenAndGone seen by a consumer and now at another offset, or nowhere
     */
    public record Findings(
            long pending,
            long lost,
            long duplicated,
            long reordered,
            long changed,
            long gaps,
            long moved,
            long seenAndGone) {

        long sum() {
            return pending + lost + duplicated + reordered + changed + gaps + moved + seenAndGone;
        }

        @Override
        public String toString() {
            return lost + " lost, " + duplicated + " duplicated, " + reordered + " reordered, " + changed + " changed, "
                    + moved + " moved, " + seenAndGone + " seen and then gone, " + gaps + " gaps, " + pending
                    + " without outcome";
        }
    }

    private final Ledger ledger;
    private final BitSet found = new BitSet();
    private final int[] lastOfKey = new int[Payload.KEYS];
    private final List<String> examples = new ArrayList<>();
    private long[] next;
    private long read;
    private long pending;
    private long lost;
    private long duplicated;
    private long reordered;
    private long changed;
    private long gaps;
    private long moved;
    private long seenAndGone;

    private Audit(Ledger ledger) {
        this.ledger = ledger;
        Arrays.fill(lastOfKey, -1);
    }

    static Report run(Lograft cluster, String topic, Ledger ledger) {
        Audit audit = new Audit(ledger);
        try (Consumer consumer = cluster.consumer()) {
            audit.readAll(consumer, topic);
        }
        audit.lookForMissing();
        return audit.report();
    }

    private void readAll(Consumer consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsOf(topic);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long expected = ends.values().stream().mapToLong(Long::longValue).sum();
        next = new long[partitions.size()];
        consumer.assign(partitions);
        consumer.seekToBeginning();
        long idleSince = System.nanoTime();
        while (read < expected) {
            List<ConsumerRecord> records = consumer.poll(Duration.ofSeconds(1));
            records.forEach(this::look);
            read += records.size();
            idleSince = records.isEmpty() ? idleSince : System.nanoTime();
            assertThat(System.nanoTime() - idleSince)
                    .as("nothing to read for so long after %d of %d records", read, expected)
                    .isLessThan(IDLE_MAX.toNanos());
        }
    }

    private void look(ConsumerRecord record) {
        int partition = record.partition();
        if (record.offset() != next[partition]) {
            gaps++;
            example(record + " follows offset " + (next[partition] - 1));
        }
        next[partition] = record.offset() + 1;
        int number = Payload.numberOf(record);
        if (number < 0 || number >= ledger.end()) {
            changed++;
            example(record + " is not what was sent");
            return;
        }
        if (found.get(number)) {
            duplicated++;
            example("record " + number + " is there twice, the second time at " + record);
            return;
        }
        found.set(number);
        int key = number % Payload.KEYS;
        if (number <= lastOfKey[key]) {
            reordered++;
            example("record " + number + " comes after " + lastOfKey[key] + " of the same key, at " + record);
        }
        lastOfKey[key] = Math.max(number, lastOfKey[key]);
        comparePlaces(number, Ledger.place(partition, record.offset()));
    }

    private void comparePlaces(int number, long place) {
        long acknowledged = ledger.acknowledgedAt(number);
        if (acknowledged >= 0 && acknowledged != place) {
            moved++;
            example("record " + number + " was acknowledged at " + Ledger.text(acknowledged) + " and is at "
                    + Ledger.text(place));
        }
        long seen = ledger.seenAt(number);
        if (seen >= 0 && seen != place) {
            seenAndGone++;
            example("record " + number + " was seen at " + Ledger.text(seen) + " and is at " + Ledger.text(place));
        }
    }

    private void lookForMissing() {
        for (int number = found.nextClearBit(0); number < ledger.end(); number = found.nextClearBit(number + 1)) {
            if (ledger.outcome(number) == Ledger.ACKNOWLEDGED) {
                lost++;
                example("record " + number + " was acknowledged at " + Ledger.text(ledger.acknowledgedAt(number))
                        + " and is lost");
            } else if (ledger.seenAt(number) >= 0) {
                seenAndGone++;
                example("record " + number + " was seen at " + Ledger.text(ledger.seenAt(number)) + " and is gone");
            }
        }
        for (int number = 0; number < ledger.end(); number++) {
            if (ledger.outcome(number) == Ledger.PENDING) {
                pending++;
                example("record " + number + " has no outcome");
            }
        }
    }

    private void example(String text) {
        if (examples.size() < EXAMPLES_MAX) {
            examples.add(text);
        }
    }

    private Report report() {
        return new Report(
                ledger.acknowledgedCount() + ledger.failedCount() + pending,
                ledger.acknowledgedCount(),
                ledger.failedCount(),
                read,
                new Findings(pending, lost, duplicated, reordered, changed, gaps, moved, seenAndGone),
                List.copyOf(examples));
    }
}
