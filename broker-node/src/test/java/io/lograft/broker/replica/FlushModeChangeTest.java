package io.lograft.broker.replica;

import static io.lograft.broker.replica.ReplicaFixture.broker;
import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.replica.ReplicaEffect.RecordFlushMode;
import io.lograft.model.FlushMode;
import org.junit.jupiter.api.Test;

/** A topic whose {@code flush.mode} changes while it is used. */
final class FlushModeChangeTest {

    @Test
    void underOsThePageCacheCountsOnceTheLogSaysSo() {
        ReplicaFixture f = new ReplicaFixture().leading();
        f.follow(2, 1);
        f.follow(3, 1);
        long request = f.produce(1, Acks.ALL);
        f.inMode(FlushMode.OS).metadata(f.configuration(1, 1, 1, 1, 2, 3));
        assertThat(f.only(RecordFlushMode.class).mode()).isEqualTo(FlushMode.OS);
        f.ack(2, 1, 1, 0);
        f.ack(3, 1, 1, 0);
        assertThat(f.outcome(request)).isInstanceOf(ProduceOutcome.Acknowledged.class);
    }

    @Test
    void underCommitNothingCountsThatIsNotFlushedFromTheChangeOn() {
        ReplicaFixture f = new ReplicaFixture().inMode(FlushMode.OS).leading();
        f.follow(2, 1);
        f.follow(3, 1);
        f.produce(1, Acks.ALL);
        f.inMode(FlushMode.COMMIT).metadata(f.configuration(1, 1, 1, 1, 2, 3));
        long request = f.produce(1, Acks.ALL);
        // A follower that has not heard of it yet.
        f.turn(new ReplicaEvent.FollowerAcked(broker(2), 20, 1, 1, 2, 0, true, 0));
        f.turn(new ReplicaEvent.FollowerAcked(broker(3), 30, 1, 1, 2, 2, true, 0));
        f.flush();
        assertThat(f.outcome(request)).isNull();
        f.ack(2, 1, 2, 2);
        assertThat(f.outcome(request)).isInstanceOf(ProduceOutcome.Acknowledged.class);
    }

    /** What was acknowledged by the page cache has to be on the disk before the log may be trusted after a power cut. */
    @Test
    void theLogSaysCommitOnceAllOfBeforeIsFlushed() {
        ReplicaFixture f = new ReplicaFixture().inMode(FlushMode.OS).leading();
        f.produce(3, Acks.LEADER);
        f.effects.clear();
        f.inMode(FlushMode.COMMIT).metadata(f.configuration(1, 1, 1, 1, 2, 3));
        f.produce(2, Acks.LEADER);
        assertThat(f.seen(RecordFlushMode.class)).isEmpty();
        f.log.flushedTo(2);
        f.turn(ReplicaEvent.Flushed.INSTANCE);
        assertThat(f.log.flushMode()).isEqualTo(FlushMode.OS);
        f.log.flushedTo(3);
        f.turn(ReplicaEvent.Flushed.INSTANCE);
        assertThat(f.only(RecordFlushMode.class).mode()).isEqualTo(FlushMode.COMMIT);
        assertThat(f.log.flushMode()).isEqualTo(FlushMode.COMMIT);
        f.turn(ReplicaEvent.Tick.INSTANCE);
        assertThat(f.seen(RecordFlushMode.class)).hasSize(1);
    }

    @Test
    void aFollowerSaysAtOnceThatItsPageCacheDoesNotCountAnyMore() {
        ReplicaFixture f = new ReplicaFixture().inMode(FlushMode.OS).following();
        f.inMode(FlushMode.COMMIT).metadata(f.configuration(2, 1, 1, 1, 2, 3));
        assertThat(f.seen(ReplicaEffect.SendAck.class).getLast().osMode()).isFalse();
    }

    @Test
    void whereItGoesBackAndForthTheLastChangeCounts() {
        ReplicaFixture f = new ReplicaFixture().inMode(FlushMode.OS).leading();
        f.produce(3, Acks.LEADER);
        f.inMode(FlushMode.COMMIT).metadata(f.configuration(1, 1, 1, 1, 2, 3));
        f.inMode(FlushMode.OS).metadata(f.configuration(1, 1, 1, 1, 2, 3));
        f.effects.clear();
        f.flush();
        assertThat(f.seen(RecordFlushMode.class)).isEmpty();
        assertThat(f.log.flushMode()).isEqualTo(FlushMode.OS);
    }
}
