package io.lograft.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.broker.sim.SimBatch;
import io.lograft.broker.sim.SimLog;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One replica with a log in memory, and the effects that tests look at. Executes what touches the log, as the shell
 * does. Broker 1 is the one under test unless a test says otherwise; broker epochs are 100 + id.
 */
final class ReplicaFixture {
    static final ReplicaSettings SETTINGS = new ReplicaSettings(5_000, 1_000, 1_000, 500, 3, 500, 50);

    final SimLog log;
    final PartitionReplica replica;
    final List<ReplicaEffect> effects = new ArrayList<>();
    final Map<Long, SimBatch> requests = new HashMap<>();
    long nowMs = 10_000;
    /** What the next append fails with, null for nothing. */
    ReplicaEvent.AppendFailed nextAppendFailure;

    private FlushMode flushMode = FlushMode.COMMIT;
    private long nextRequestId;

    ReplicaFixture() {
        this(new SimLog(FlushMode.COMMIT), 0);
    }

    ReplicaFixture(SimLog log, long highWatermark) {
        this.log = log;
        this.replica = new PartitionReplica(log, SETTINGS, highWatermark, 1);
    }

    ReplicaFixture inMode(FlushMode mode) {
        flushMode = mode;
        return this;
    }

    static BrokerId broker(int id) {
        return new BrokerId(id);
    }

    // ---- metadata

    /** The metadata as seen by broker 1: three replicas, minimum 2. */
    PartitionConfiguration configuration(int leader, int leaderEpoch, int partitionEpoch, Integer... isr) {
        return configuration(leader, leaderEpoch, partitionEpoch, Set.of(isr), Set.of());
    }

    PartitionConfiguration configuration(
            int leader, int leaderEpoch, int partitionEpoch, Set<Integer> isr, Set<Integer> eligible) {
        List<Member> members = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            members.add(new Member(broker(id), 100 + id, isr.contains(id), eligible.contains(id), true));
        }
        return new PartitionConfiguration(
                broker(1),
                101,
                leader == 0 ? Optional.empty() : Optional.of(broker(leader)),
                leaderEpoch,
                partitionEpoch,
                members,
                2,
                flushMode,
                -1);
    }

    static PartitionConfiguration withLastUnclean(PartitionConfiguration c, int epoch) {
        return new PartitionConfiguration(
                c.self(),
                c.selfBrokerEpoch(),
                c.leader(),
                c.leaderEpoch(),
                c.partitionEpoch(),
                c.replicas(),
                c.minimum(),
                c.flushMode(),
                epoch);
    }

    void metadata(PartitionConfiguration configuration) {
        turn(new ReplicaEvent.MetadataChanged(configuration));
    }

    /** Leads epoch 1 with all three in sync, and partition epoch 1. */
    ReplicaFixture leading() {
        metadata(configuration(1, 1, 1, 1, 2, 3));
        effects.clear();
        return this;
    }

    /** Follows broker 2 in epoch 1 as member of the set, accepted with Follow number 1 and nothing truncated. */
    ReplicaFixture following() {
        metadata(configuration(2, 1, 1, 1, 2, 3));
        turn(new ReplicaEvent.LeaderStreamOpened(broker(2), StreamKind.IN_SYNC, 7));
        turn(new ReplicaEvent.FollowingReceived(7, 1, 1, log.logEndOffset(), false, 0, null, 0));
        effects.clear();
        return this;
    }

    // ---- events

    /** Delivers an event, executes its effects, and so on with the events that follow from them. No end of turn. */
    void on(ReplicaEvent event) {
        List<ReplicaEffect> fresh = new ArrayList<>();
        replica.on(event, nowMs, fresh);
        for (ReplicaEffect effect : fresh) {
            effects.add(effect);
            if (!execute(effect)) {
                ReplicaEvent.AppendFailed failure = nextAppendFailure;
                nextAppendFailure = null;
                on(failure);
                return;
            }
        }
    }

    void turn(ReplicaEvent event) {
        on(event);
        on(ReplicaEvent.TurnEnded.INSTANCE);
    }

    private boolean execute(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.Append append -> {
                if (nextAppendFailure != null) {
                    return false;
                }
                assertThat(append.baseOffset()).isEqualTo(log.logEndOffset());
                log.append(requests.get(append.requestId()), append.leaderEpoch());
            }
            case ReplicaEffect.AppendReplicated append -> {
                if (nextAppendFailure != null) {
                    return false;
                }
                @SuppressWarnings("unchecked") // the fixture made it
                List<SimBatch> batches = (List<SimBatch>) append.payload();
                assertThat(log.appendReplicated(batches, append.leaderEpoch())).isNull();
                assertThat(log.logEndOffset()).isEqualTo(append.nextOffset());
            }
            case ReplicaEffect.TruncateTo truncate -> log.truncateTo(truncate.offset());
            case ReplicaEffect.StartOverAt startOver -> {
                if (nextAppendFailure != null) {
                    return false;
                }
                log.startOver(startOver.offset());
            }
            case ReplicaEffect.AdvanceLogStart advance -> log.advanceLogStart(advance.offset());
            case ReplicaEffect.RecordFlushMode record -> log.recordFlushMode(record.mode());
            case ReplicaEffect.AppendTo push -> {
                List<SimBatch> batches = log.read(push.fromOffset(), push.maxBytes());
                long next = batches.isEmpty()
                        ? push.fromOffset()
                        : batches.getLast().header().nextOffset();
                int bytes =
                        batches.stream().mapToInt(b -> b.header().sizeBytes()).sum();
                on(new ReplicaEvent.Sent(push.follower(), push.streamId(), push.number(), next, bytes, true));
            }
            default -> {} // only looked at
        }
        return true;
    }

    /** A batch without producer, of so many records. Returns the request's id. */
    long produce(int records, Acks acks) {
        return produce(SimBatch.fromClient(-1, -1, -1, records, "p" + nextRequestId), acks);
    }

    long produce(SimBatch batch, Acks acks) {
        long id = nextRequestId++;
        requests.put(id, batch);
        turn(new ReplicaEvent.Produced(id, batch.header(), acks, nowMs + 30_000, -1));
        return id;
    }

    void flush() {
        log.flushedTo(log.logEndOffset());
        turn(ReplicaEvent.Flushed.INSTANCE);
    }

    /** A follower (its stream has its id times 10) asks to follow with an empty log. */
    void follow(int follower, long number) {
        follow(follower, number, 0, List.of());
    }

    void follow(int follower, long number, long logEnd, List<io.lograft.model.EpochStart> epochs) {
        follow(follower, number, logEnd, epochs, 0);
    }

    void follow(int follower, long number, long logEnd, List<io.lograft.model.EpochStart> epochs, long refilledBelow) {
        turn(new ReplicaEvent.FollowReceived(
                broker(follower),
                100 + follower,
                follower * 10L,
                StreamKind.IN_SYNC,
                replica.configuration().orElseThrow().leaderEpoch(),
                number,
                0,
                logEnd,
                epochs,
                refilledBelow));
    }

    void ack(int follower, long number, long logEnd, long flushed) {
        turn(new ReplicaEvent.FollowerAcked(
                broker(follower),
                follower * 10L,
                replica.configuration().orElseThrow().leaderEpoch(),
                number,
                logEnd,
                flushed,
                flushMode == FlushMode.OS,
                0));
    }

    /** The same from a follower that has recorded another log start. */
    void ackStart(int follower, long number, long logEnd, long recordedLogStart) {
        turn(new ReplicaEvent.FollowerAcked(
                broker(follower),
                follower * 10L,
                replica.configuration().orElseThrow().leaderEpoch(),
                number,
                logEnd,
                logEnd,
                flushMode == FlushMode.OS,
                recordedLogStart));
    }

    /** What the shell does some time after the log start moved. */
    void recordLogStart() {
        log.logStartRecorded(log.logStartOffset());
        turn(ReplicaEvent.LogStartRecorded.INSTANCE);
    }

    void tickAt(long timeMs) {
        nowMs = timeMs;
        turn(ReplicaEvent.Tick.INSTANCE);
    }

    // ---- effects

    <T extends ReplicaEffect> List<T> seen(Class<T> type) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T extends ReplicaEffect> T only(Class<T> type) {
        assertThat(seen(type)).hasSize(1);
        return seen(type).getFirst();
    }

    /** What became of a request, null while it waits. */
    ProduceOutcome outcome(long requestId) {
        List<ProduceOutcome> outcomes = seen(ReplicaEffect.Complete.class).stream()
                .filter(complete -> complete.requestId() == requestId)
                .map(ReplicaEffect.Complete::outcome)
                .toList();
        assertThat(outcomes.size()).as("answers to request " + requestId).isLessThanOrEqualTo(1);
        return outcomes.isEmpty() ? null : outcomes.getFirst();
    }
}
