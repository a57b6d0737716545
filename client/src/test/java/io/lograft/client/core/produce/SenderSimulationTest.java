package io.lograft.client.core.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.core.Failure;
import io.lograft.client.fake.FakePartition;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.Compression;
import io.lograft.record.DecodedRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The sender against a partition that checks sequences, in virtual time, with a network that delays, loses and breaks,
 * leaders that move, refuse and forget. Whatever the seed draws: what was acknowledged is in the log once, at the offset
 * that was told; nothing is there twice; and the log keeps the order of sending.
 */
class SenderSimulationTest {
    private static final int SEEDS = 400;
    private static final int RECORDS = 300;

    @Test
    void nothingIsLostDoubledOrReordered() {
        long first = Long.getLong("sender.seed", 1);
        long count = System.getProperty("sender.seed") == null ? SEEDS : 1;
        int acknowledged = 0;
        for (long seed = first; seed < first + count; seed++) {
            acknowledged += new World(seed).run();
        }
        assertThat(acknowledged).as("the faults leave enough to check").isGreaterThan((int) count * RECORDS / 3);
    }

    /** A copy of a batch on its way to a broker. */
    private record Message(ProducerBatch batch, long correlationId, int epoch, ByteBuffer bytes) {}

    /** What a record's outcome told. */
    private record Told(int number, long offset) {}

    /** An event on its way back. */
    private record Reply(SenderEvent event) {}

    private static final class World {
        private static final TopicPartition PARTITION = new TopicPartition("t", 0);

        private final long seed;
        private final Random random;
        private final PartitionAccumulator source = new PartitionAccumulator(200, Compression.NONE);
        private final PartitionSender sender;
        private final FakePartition log = new FakePartition(1);
        private final TreeMap<Integer, ArrayDeque<Message>> toBroker = new TreeMap<>();
        private final TreeMap<Integer, ArrayDeque<Reply>> toClient = new TreeMap<>();
        private final List<Told> acknowledged = new ArrayList<>();
        private final List<Integer> failed = new ArrayList<>();
        private final long deliveryMs;
        private long nowMs = 1_000_000;
        private long wakeMs = Long.MAX_VALUE;
        private int leader = 1;
        private int epoch;
        private long nextIdentity = 1;
        private int added;
        private boolean isHealed;

        private World(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.deliveryMs = random.nextInt(4) == 0 ? 300 : 1_000_000;
            SenderConfig config =
                    new SenderConfig(1 + random.nextInt(5), random.nextInt(10), deliveryMs, 500, true, true);
            this.sender = new PartitionSender(PARTITION, config, source);
            for (int broker = 1; broker <= 3; broker++) {
                toBroker.put(broker, new ArrayDeque<>());
                toClient.put(broker, new ArrayDeque<>());
            }
        }

        /** Answers how many records were acknowledged. */
        private int run() {
            on(new SenderEvent.LeaderIs(leader, epoch));
            while (added < RECORDS) {
                step();
            }
            isHealed = true;
            int left = 100_000;
            while (acknowledged.size() + failed.size() < RECORDS && left-- > 0) {
                step();
            }
            check();
            return acknowledged.size();
        }

        private void step() {
            switch (random.nextInt(isHealed ? 6 : 10)) {
                case 0 -> add();
                case 1, 2 -> deliver(1 + random.nextInt(3));
                case 3, 4 -> answer(1 + random.nextInt(3));
                case 5 -> passTime();
                case 6 -> breakStream(1 + random.nextInt(3));
                case 7 -> moveLeader();
                default -> deliver(leader);
            }
        }

        private void add() {
            if (added == RECORDS) {
                return;
            }
            int number = added++;
            byte[] value = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
            source.grant(source.missingBytes(100));
            if (source.append(0, null, value, List.of(), new Outcome(number)) != PartitionAccumulator.Appended.ADDED) {
                source.opened(nowMs);
            }
            on(SenderEvent.Wake.INSTANCE);
        }

        /** The broker takes the next message of its stream. */
        private void deliver(int broker) {
            Message message = toBroker.get(broker).poll();
            if (message == null) {
                return;
            }
            ErrorCode fault = drawFault();
            if (broker != leader || message.epoch() < epoch) {
                refuse(broker, message, ErrorCode.NOT_LEADER);
            } else if (fault == ErrorCode.OUTCOME_UNKNOWN) {
                ErrorCode code = log.append(message.bytes().array()).code();
                refuse(broker, message, code == ErrorCode.NONE ? fault : code);
            } else if (fault != ErrorCode.NONE) {
                refuse(broker, message, fault);
            } else {
                FakePartition.Outcome outcome = log.append(message.bytes().array());
                if (outcome.code() == ErrorCode.NONE) {
                    BatchAck ack =
                            new BatchAck(PARTITION, outcome.baseOffset(), epoch, -1, 1, 1, outcome.isDuplicate());
                    toClient.get(broker).add(new Reply(new SenderEvent.Acknowledged(message.batch(), ack)));
                } else {
                    refuse(broker, message, outcome.code());
                }
            }
        }

        private ErrorCode drawFault() {
            return switch (isHealed ? 99 : random.nextInt(40)) {
                case 0 -> ErrorCode.NOT_ENOUGH_REPLICAS;
                case 1 -> ErrorCode.OUTCOME_UNKNOWN;
                case 2 -> ErrorCode.RECORD_TOO_LARGE;
                case 3 -> ErrorCode.BUSY;
                default -> ErrorCode.NONE;
            };
        }

        private void refuse(int broker, Message message, ErrorCode code) {
            Failure failure = new Failure(code, "drawn");
            toClient.get(broker)
                    .add(new Reply(new SenderEvent.Refused(message.batch(), message.correlationId(), failure)));
        }

        private void answer(int broker) {
            Reply reply = toClient.get(broker).poll();
            if (reply != null) {
                on(reply.event());
                if (reply.event() instanceof SenderEvent.Refused refused
                        && refused.failure().code() == ErrorCode.NOT_LEADER
                        && random.nextBoolean()) {
                    on(new SenderEvent.LeaderIs(leader, epoch));
                }
            }
        }

        private void passTime() {
            nowMs += 1 + random.nextInt(30);
            if (isHealed) {
                on(new SenderEvent.LeaderIs(leader, epoch));
            }
            if (nowMs >= wakeMs) {
                wakeMs = Long.MAX_VALUE;
                on(SenderEvent.Wake.INSTANCE);
            }
        }

        /** Requests that have not arrived and answers on their way are lost. */
        private void breakStream(int broker) {
            toBroker.get(broker).clear();
            toClient.get(broker).clear();
            on(new SenderEvent.StreamBroken(broker, new Failure(ErrorCode.UNAVAILABLE, "broken")));
        }

        private void moveLeader() {
            if (random.nextInt(5) == 0) {
                leader = 1 + random.nextInt(3);
                epoch++;
                if (random.nextBoolean()) {
                    on(new SenderEvent.LeaderIs(leader, epoch));
                }
            }
        }

        private void on(SenderEvent event) {
            List<SenderEffect> effects = new ArrayList<>();
            sender.on(event, nowMs, effects);
            boolean isIdentityAsked = false;
            for (SenderEffect effect : effects) {
                if (effect instanceof SenderEffect.Send send) {
                    toBroker.get(send.broker())
                            .add(new Message(
                                    send.batch(),
                                    send.batch().correlationId(),
                                    send.leaderEpoch(),
                                    ByteBuffer.wrap(send.batch().bytes().clone())));
                } else if (effect instanceof SenderEffect.Acknowledge done) {
                    done.batch().acknowledge(done.ack());
                } else if (effect instanceof SenderEffect.Fail fail) {
                    fail.batch().fail(fail.failure());
                } else if (effect instanceof SenderEffect.WakeAt wakeAt) {
                    wakeMs = Math.min(wakeMs, wakeAt.timeMs());
                } else if (effect instanceof SenderEffect.AskIdentity) {
                    isIdentityAsked = true;
                }
            }
            if (isIdentityAsked) {
                on(new SenderEvent.IdentityGranted(new ProducerIdentity(nextIdentity++, (short) 0)));
            }
        }

        private void check() {
            List<Integer> inLog = log.records().stream().map(World::value).toList();
            String replay = "replay with -Dsender.seed=" + seed;
            assertThat(acknowledged.size() + failed.size()).as(replay).isEqualTo(RECORDS);
            assertThat(inLog).as(replay).doesNotHaveDuplicates();
            assertThat(inLog).as(replay).isSorted();
            for (Told told : acknowledged) {
                assertThat(inLog.get((int) told.offset())).as(replay).isEqualTo(told.number());
            }
        }

        private static int value(DecodedRecord record) {
            return Integer.parseInt(new String(record.value(), StandardCharsets.UTF_8));
        }

        private final class Outcome implements RecordOutcome {
            private final int number;

            private Outcome(int number) {
                this.number = number;
            }

            @Override
            public void acknowledged(BatchAck ack, int index) {
                acknowledged.add(new Told(number, ack.baseOffset() + index));
            }

            @Override
            public void failed(Failure failure) {
                failed.add(number);
            }
        }
    }
}
