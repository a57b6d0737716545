package io.lograft.broker.log.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.client.core.produce.BatchAck;
import io.lograft.client.core.produce.PartitionAccumulator;
import io.lograft.client.core.produce.PartitionSender;
import io.lograft.client.core.produce.ProducerBatch;
import io.lograft.client.core.produce.RecordOutcome;
import io.lograft.client.core.produce.SenderConfig;
import io.lograft.client.core.produce.SenderEffect;
import io.lograft.client.core.produce.SenderEvent;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchHeader;
import io.lograft.record.Compression;
import io.lograft.record.NamedProducerId;
import io.lograft.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Senders of one name against a leader: each sends the same records from somewhere on, in batches of its own, with lost
 * answers, late copies, time-outs, and sessions that go on although the client has opened another. Leaders change and lose
 * what was not committed. Whatever happens, each record is in the log at most once and in order, and one that was
 * acknowledged is in the committed part, at the offset that was told.
 */
final class NamedProducerPropertyTest {
    private static final int SEEDS = Integer.getInteger("named.seeds", 300);
    private static final int STEPS = 600;
    private static final int RECORDS = 120;
    private static final long TIMEOUT_MS = 1_000;
    private static final long ID = NamedProducerId.of("some name");
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final SenderConfig CONFIG = new SenderConfig(5, 0, TIMEOUT_MS, 500, false, true, ID);

    static List<Long> seeds() {
        Long one = Long.getLong("named.seed");
        return one != null
                ? List.of(one)
                : java.util.stream.LongStream.range(0, SEEDS).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachRecordIsWrittenOnceAndInOrder(long seed) {
        World world = new World(new Random(seed));
        for (int i = 0; i < STEPS; i++) {
            world.step();
            world.check();
        }
        world.settle();
        assertThat(world.log).containsExactlyElementsOf(world.records);
    }

    private static final class World {
        private final Random random;
        private final List<Long> records = new ArrayList<>();
        private final boolean[] acknowledged = new boolean[RECORDS];
        private final List<Long> log = new ArrayList<>();
        private final List<BatchHeader> batches = new ArrayList<>();
        private final List<byte[]> lateCopies = new ArrayList<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private final List<Session> sessions = new ArrayList<>();
        private ProducerStates states = new ProducerStates();
        private int committed;

        /** An answer that waits until the log is committed up to an offset. */
        private record Waiting(Session session, ProducerBatch batch, BatchAck ack, long lastOffset) {}

        World(Random random) {
            this.random = random;
            long sequence = (1L << 31) - random.nextInt(200);
            for (int i = 0; i < RECORDS; i++) {
                sequence += random.nextInt(4) == 0 ? 1 + random.nextInt(20) : 1;
                records.add(sequence);
            }
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0 -> open();
                case 1 -> commit(random.nextInt(log.size() - committed + 1));
                case 2 -> changeLeader();
                case 3 -> {
                    if (!lateCopies.isEmpty()) {
                        arrive(null, null, lateCopies.remove(random.nextInt(lateCopies.size())));
                    }
                }
                default -> {
                    if (!sessions.isEmpty()) {
                        sessions.get(random.nextInt(sessions.size())).step();
                    }
                }
            }
        }

        /** The client opens a stream, and sends again what it has no answer to; older streams may go on. */
        void open() {
            if (random.nextInt(3) == 0) {
                sessions.clear();
            } else if (sessions.size() > 3) {
                sessions.removeFirst();
            }
            sessions.add(new Session(this, firstWithoutAnswer()));
        }

        int firstWithoutAnswer() {
            int first = 0;
            while (first < RECORDS && acknowledged[first]) {
                first++;
            }
            return first;
        }

        /** A copy of a batch comes to the leader. */
        void arrive(Session session, ProducerBatch batch, byte[] bytes) {
            RecordBatch copy = RecordBatch.of(bytes.clone());
            copy.assign(log.size(), 0);
            BatchHeader header = copy.header();
            switch (states.check(header)) {
                case SequenceCheck.New isNew -> {
                    append(header);
                    wait(session, batch, header.baseOffset(), header.lastOffset(), false);
                }
                case SequenceCheck.Duplicate duplicate ->
                    wait(session, batch, duplicate.firstOffset(), duplicate.lastOffset(), true);
                case SequenceCheck.Refused refused -> {
                    if (session != null) {
                        session.refused(batch, new Failure(refused.error(), refused.message()));
                    }
                }
            }
        }

        private void append(BatchHeader header) {
            long first = NamedProducerId.sequence(header.producerEpoch(), header.baseSequence());
            for (int i = 0; i < header.recordCount(); i++) {
                log.add(first + i);
            }
            batches.add(header);
            states.appended(header, 0);
        }

        private void wait(Session session, ProducerBatch batch, long base, long last, boolean isDuplicate) {
            if (session != null) {
                BatchAck ack = new BatchAck(PARTITION, base, 0, -1, 1, 1, isDuplicate);
                waiting.add(new Waiting(session, batch, ack, last));
                commit(0);
            }
        }

        void commit(int more) {
            committed += more;
            List<Waiting> done =
                    waiting.stream().filter(one -> one.lastOffset() < committed).toList();
            waiting.removeAll(done);
            done.forEach(one -> one.session().acknowledged(one.batch(), one.ack()));
        }

        /** The next leader has what was committed and perhaps more; the producers' state comes from its log. */
        void changeLeader() {
            while (!batches.isEmpty() && batches.getLast().baseOffset() >= committed && random.nextBoolean()) {
                log.subList((int) batches.removeLast().baseOffset(), log.size()).clear();
            }
            states = new ProducerStates();
            int fromSnapshot = random.nextInt(batches.size() + 1);
            batches.subList(0, fromSnapshot).forEach(header -> states.appended(header, 0));
            ProducerStates restored = new ProducerStates();
            ProducerSnapshot.decode(ProducerSnapshot.encode(states.entries()))
                    .orElseThrow()
                    .forEach(restored::restore);
            states = restored;
            batches.subList(fromSnapshot, batches.size()).forEach(header -> states.appended(header, 0));
            waiting.clear();
            List.copyOf(sessions).forEach(Session::broken);
        }

        void check() {
            for (int i = 1; i < log.size(); i++) {
                assertThat(log.get(i)).isGreaterThan(log.get(i - 1));
            }
        }

        /** Without further faults one more stream writes the rest. */
        void settle() {
            while (firstWithoutAnswer() < RECORDS) {
                sessions.clear();
                Session last = new Session(this, firstWithoutAnswer());
                sessions.add(last);
                while (!last.isDone()) {
                    last.faultless();
                    commit(log.size() - committed);
                }
            }
        }
    }

    /** One stream: records are added, its batch is sent, and answers come or do not. */
    private static final class Session {
        private final World world;
        private final PartitionAccumulator accumulator;
        private final PartitionSender sender;
        private final List<ProducerBatch> sent = new ArrayList<>();
        private int next;
        private long nowMs = 1;
        private boolean isStopped;

        Session(World world, int from) {
            this.world = world;
            this.next = from;
            this.accumulator = new PartitionAccumulator(400, Compression.NONE, ID);
            this.sender = new PartitionSender(PARTITION, CONFIG, accumulator);
            on(new SenderEvent.LeaderIs(1, 0));
        }

        boolean isDone() {
            return isStopped
                    || (next == RECORDS
                            && sent.isEmpty()
                            && sender.unacknowledged().isEmpty());
        }

        void step() {
            switch (world.random.nextInt(8)) {
                case 0, 1, 2 -> add(1 + world.random.nextInt(8));
                case 3, 4, 5 -> send(world.random.nextInt(4) == 0);
                case 6 -> broken();
                default -> pass(world.random.nextInt(20) == 0 ? TIMEOUT_MS : 30);
            }
        }

        void faultless() {
            add(3);
            send(false);
            pass(1);
        }

        private void add(int count) {
            for (int i = 0; i < count && next < RECORDS && !isStopped; i++) {
                Outcome outcome = new Outcome(world, next);
                accumulator.prepareFor(outcome);
                accumulator.grant(accumulator.missingBytes(60));
                if (accumulator.append(1, null, new byte[5], List.of(), outcome)
                        != PartitionAccumulator.Appended.ADDED) {
                    accumulator.opened(nowMs);
                }
                next++;
            }
            on(SenderEvent.Wake.INSTANCE);
        }

        /** The oldest batch on its way comes to the leader, and perhaps once more, much later. */
        private void send(boolean comesAgain) {
            if (!sent.isEmpty()) {
                ProducerBatch batch = sent.removeFirst();
                if (comesAgain) {
                    world.lateCopies.add(batch.bytes().clone());
                }
                world.arrive(this, batch, batch.bytes());
            }
        }

        private void pass(long ms) {
            nowMs += ms;
            on(SenderEvent.Wake.INSTANCE);
        }

        void broken() {
            sent.forEach(batch -> world.lateCopies.add(batch.bytes().clone()));
            sent.clear();
            on(new SenderEvent.StreamBroken(1, new Failure(ErrorCode.UNAVAILABLE, "the stream broke")));
        }

        void acknowledged(ProducerBatch batch, BatchAck ack) {
            on(new SenderEvent.Acknowledged(batch, ack));
        }

        void refused(ProducerBatch batch, Failure failure) {
            on(new SenderEvent.Refused(batch, batch.correlationId(), failure));
        }

        private void on(SenderEvent event) {
            List<SenderEffect> effects = new ArrayList<>();
            sender.on(event, nowMs, effects);
            for (SenderEffect effect : effects) {
                if (effect instanceof SenderEffect.Send send) {
                    // An answer to an earlier copy may have come while a later one was on its way.
                    assertThat(sent).as("batches in flight").noneMatch(sender.unacknowledged()::contains);
                    sent.add(send.batch());
                } else if (effect instanceof SenderEffect.Acknowledge acknowledge) {
                    acknowledge.batch().acknowledge(acknowledge.ack());
                } else if (effect instanceof SenderEffect.Fail fail) {
                    fail.batch().fail(fail.failure());
                } else if (effect instanceof SenderEffect.Stop) {
                    isStopped = true;
                }
            }
        }
    }

    /** What the client is told of the record with this index. */
    private record Outcome(World world, int index) implements RecordOutcome {
        @Override
        public long sequence() {
            return world.records.get(index);
        }

        @Override
        public void acknowledged(BatchAck ack, int place) {
            List<Long> certain = world.log.subList(0, world.committed);
            assertThat(certain).contains(sequence());
            if (ack.baseOffset() >= 0) {
                assertThat(certain.get((int) ack.baseOffset() + place)).isEqualTo(sequence());
            }
            world.acknowledged[index] = true;
        }

        @Override
        public void failed(Failure failure) {
            assertThat(failure.code().isRetriable())
                    .as("failed for good: " + failure)
                    .isTrue();
        }
    }
}
