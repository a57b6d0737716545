package io.lograft.broker.api.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.api.ClusterFacts;
import io.lograft.broker.api.NothingElse;
import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.FetchVerdict;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.runtime.CollectedFailures;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRegistry;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.Ports;
import io.lograft.broker.replica.runtime.ProduceWork;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.broker.replica.runtime.RetentionPace;
import io.lograft.broker.replica.runtime.UnansweredProposals;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.OffsetAnswer;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ages and times of records of a real replica that leads alone, on a disk in memory. */
@Timeout(60)
final class LeaderOffsetsTest {
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 2, new RetentionPace(300_000, () -> true));
    private static final BrokerId SELF = new BrokerId(1);
    private static final PartitionId ORDERS = new PartitionId(new TopicId(3, 4), 5);
    private static final int LAST_OFFSET_DELTA_POSITION = 23;
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    private final FaultyFileStore disk = new FaultyFileStore();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final EventLoop metadata = new EventLoop("metadata", Clock.SYSTEM, 1_000, failures::add);
    private final EventLoopGroup loops = new EventLoopGroup("partition", 1, Clock.SYSTEM, 1_000, failures::add);
    private final Workers storage = new Workers("storage", 1, failures::add);
    private final Workers flushes = new Workers("flush", 2, failures::add);
    private final PartitionRegistry registry = new PartitionRegistry();
    private ClusterFacts.Absence known = new NothingElse().absence(ORDERS);
    private final ClusterFacts facts = new ClusterFacts() {
        @Override
        public Optional<BrokerEndpoint> endpoint(BrokerId broker) {
            return Optional.empty();
        }

        @Override
        public Absence absence(PartitionId partition) {
            return partition.equals(ORDERS) ? known : new NothingElse().absence(partition);
        }
    };
    private final LeaderOffsets offsets =
            new LeaderOffsets(registry, facts, () -> CompletableFuture.completedFuture(null), Runnable::run);
    private ReplicaHost host;
    private int configurations;

    @BeforeEach
    void lead() throws Exception {
        disk.capacityBytes(1 << 20);
        host = new ReplicaHost(
                LogDirectory.open(disk, "boot"),
                new ReplicaHost.Setup(loops, storage, flushes, Clock.SYSTEM, SETTINGS, failures::add),
                registry,
                new Ports(
                        new ReplicationServer(() -> "cluster", registry),
                        new LeaderConnections(metadata, null, registry, ReplicateRequest.Hello::getDefaultInstance),
                        UnansweredProposals.noneFails(),
                        flushes,
                        new CollectedFailures(failures::add),
                        new DiskRoom(),
                        BrokerMetrics.NONE));
        host.recover(name -> LogConfig.DEFAULTS).get(20, TimeUnit.SECONDS);
        configure(Optional.of(SELF));
    }

    @AfterEach
    void stop() {
        metadata.close();
        loops.close();
        storage.close();
        flushes.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void theAgeOfARecordIsTheTimeSinceItsTimestamp() throws Exception {
        long nowMs = System.currentTimeMillis();
        append(0, nowMs - 3 * HOUR_MS, nowMs - 2 * HOUR_MS);
        append(0, nowMs - HOUR_MS);

        assertAge(0, 0, nowMs - 3 * HOUR_MS);
        assertAge(1, 1, nowMs - 2 * HOUR_MS);
        assertAge(2, 2, nowMs - HOUR_MS);
    }

    @Test
    void whereNothingIsToBeReadThereIsNoAge() throws Exception {
        append(0, System.currentTimeMillis() - HOUR_MS);

        for (long offset : new long[] {1, 2, Long.MAX_VALUE}) {
            OffsetAnswer answer = age(offset);
            assertThat(answer.hasFailure()).isFalse();
            assertThat(answer.getAgeMs()).isZero();
            assertThat(answer.getTimestampMs()).isEqualTo(-1);
        }
    }

    /** A clock of a client may be ahead; time does not run backwards for that. */
    @Test
    void aRecordOfTheFutureHasTheAgeZero() throws Exception {
        long soonMs = System.currentTimeMillis() + HOUR_MS;
        append(0, soonMs);

        assertThat(age(0).getAgeMs()).isZero();
        assertThat(age(0).getTimestampMs()).isEqualTo(soonMs);
    }

    /** Compaction leaves such gaps: offsets of a batch without records behind its last one. */
    @Test
    void anOffsetWithoutARecordHasTheAgeOfTheNextOne() throws Exception {
        long nowMs = System.currentTimeMillis();
        append(3, nowMs - 3 * HOUR_MS);
        append(0, nowMs - HOUR_MS);

        assertAge(2, 2, nowMs - HOUR_MS);
        assertAge(4, 4, nowMs - HOUR_MS);
    }

    @Test
    void recordsAreFoundByTimeThoughTheirTimesAreInNoOrder() throws Exception {
        assertFound(query().setMaxTimestamp(true), -1, -1);
        append(0, 300, 100);
        append(0, 500);
        append(0, 400, 500, 200);

        assertFound(query().setAtOrAfterMs(0), 0, 300);
        assertFound(query().setAtOrAfterMs(301), 2, 500);
        assertFound(query().setAtOrAfterMs(501), -1, -1);
        assertFound(query().setMaxTimestamp(true), 2, 500);
    }

    private static OffsetQuery.Builder query() {
        return OffsetQuery.newBuilder()
                .setTopicId(WireBytes.topicId(ORDERS.topic()))
                .setPartition(ORDERS.partition())
                .setCurrentLeaderEpoch(-1);
    }

    private void assertFound(OffsetQuery.Builder query, long offset, long timestampMs) throws Exception {
        OffsetAnswer answer = offsets.find(query.build()).get(20, TimeUnit.SECONDS);
        assertThat(answer.hasFailure()).isFalse();
        assertThat(answer.getOffset()).isEqualTo(offset);
        assertThat(answer.getTimestampMs()).isEqualTo(timestampMs);
    }

    /** The barrier has passed; the loop of the replica has not heard of it yet, or never will. */
    @Test
    void theEndIsNotToldWhereTheMetadataSayThatAnotherLeads() throws Exception {
        append(0, 300);
        assertThat(offsets.find(query().setLatest(true).build())
                        .get(20, TimeUnit.SECONDS)
                        .getOffset())
                .isEqualTo(1);
        known = new ClusterFacts.Absence(ErrorCode.NOT_LEADER, "", Optional.of(new BrokerId(2)), configurations + 1);
        assertRefused(query().setLatest(true), ErrorCode.NOT_LEADER);
        assertRefused(query().setMaxTimestamp(true), ErrorCode.NOT_LEADER);
        known = new ClusterFacts.Absence(ErrorCode.NOT_LEADER, "", Optional.empty(), configurations);
        assertRefused(query().setLatest(true), ErrorCode.NOT_LEADER);
        known = new NothingElse().absence(ORDERS);
        assertRefused(query().setLatest(true), ErrorCode.UNKNOWN_TOPIC);
    }

    @Test
    void aReplicaThatWasTakenAwayTellsNothing() throws Exception {
        append(0, 300);
        PartitionRuntime runtime = registry.find(ORDERS).orElseThrow();
        host.remove(ORDERS, new TopicPartition("orders", ORDERS.partition())).get(20, TimeUnit.SECONDS);
        CompletableFuture<FetchVerdict> end = new CompletableFuture<>();
        assertThat(runtime.judgeEnd(-1, end::complete)).isTrue();
        assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(FetchVerdict.Refused.class);
        CompletableFuture<FetchVerdict> fetch = new CompletableFuture<>();
        assertThat(runtime.judgeFetch(0, -1, -1, fetch::complete)).isTrue();
        assertThat(((FetchVerdict.Refused) fetch.get(20, TimeUnit.SECONDS)).code())
                .isEqualTo(ErrorCode.NOT_LEADER);
    }

    private void assertRefused(OffsetQuery.Builder query, ErrorCode code) throws Exception {
        OffsetAnswer answer = offsets.find(query.build()).get(20, TimeUnit.SECONDS);
        assertThat(ErrorCodes.fromProto(answer.getFailure().getCode())).isEqualTo(code);
    }

    @Test
    void onlyTheLeaderTellsAges() throws Exception {
        append(0, System.currentTimeMillis());
        configure(Optional.empty());

        assertThat(ErrorCodes.fromProto(age(0).getFailure().getCode())).isEqualTo(ErrorCode.LEADER_NOT_AVAILABLE);
    }

    @Test
    void anUnknownPartitionIsRefused() throws Exception {
        OffsetQuery query = OffsetQuery.newBuilder()
                .setTopicId(WireBytes.topicId(new TopicId(9, 9)))
                .setAgeOfOffset(0)
                .build();

        assertThat(ErrorCodes.fromProto(offsets.find(query)
                        .get(20, TimeUnit.SECONDS)
                        .getFailure()
                        .getCode()))
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC);
    }

    private void assertAge(long asked, long offset, long timestampMs) throws Exception {
        OffsetAnswer answer = age(asked);
        assertThat(answer.hasFailure()).isFalse();
        assertThat(answer.getOffset()).isEqualTo(offset);
        assertThat(answer.getTimestampMs()).isEqualTo(timestampMs);
        assertThat(answer.getAgeMs())
                .isBetween(0L, System.currentTimeMillis() - timestampMs)
                .isGreaterThan(System.currentTimeMillis() - timestampMs - HOUR_MS / 2);
    }

    private OffsetAnswer age(long offset) throws Exception {
        OffsetQuery query = OffsetQuery.newBuilder()
                .setTopicId(WireBytes.topicId(ORDERS.topic()))
                .setPartition(ORDERS.partition())
                .setCurrentLeaderEpoch(-1)
                .setAgeOfOffset(offset)
                .build();
        return offsets.find(query).get(20, TimeUnit.SECONDS);
    }

    /** Appends a batch of records with these timestamps, and offsets without records behind them. */
    private void append(int gap, long... timestampsMs) throws Exception {
        BatchBuilder builder = new BatchBuilder(1 << 10);
        for (long timestampMs : timestampsMs) {
            builder.append(timestampMs, null, new byte[10]);
        }
        ByteBuffer batch = ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE)));
        batch.putInt(LAST_OFFSET_DELTA_POSITION, timestampsMs.length - 1 + gap);
        CompletableFuture<ProduceOutcome> done = new CompletableFuture<>();
        assertThat(registry.find(ORDERS)
                        .orElseThrow()
                        .produce(new ProduceWork(
                                batch,
                                BatchHeader.read(batch, 0),
                                Acks.ALL,
                                System.nanoTime(),
                                20_000,
                                -1,
                                (outcome, timeMs) -> done.complete(outcome),
                                () -> {})))
                .isTrue();
        assertThat(done.get(20, TimeUnit.SECONDS)).isInstanceOf(ProduceOutcome.Acknowledged.class);
    }

    private void configure(Optional<BrokerId> leader) throws Exception {
        configurations++;
        known = new ClusterFacts.Absence(ErrorCode.NOT_LEADER, "led elsewhere", leader, configurations);
        host.configure(new ReplicaSpec(
                ORDERS,
                new TopicPartition("orders", ORDERS.partition()),
                LogConfig.DEFAULTS,
                ProduceRules.of(1 << 20),
                new PartitionConfiguration(
                        SELF,
                        7,
                        leader,
                        configurations,
                        configurations,
                        List.of(new PartitionConfiguration.Member(SELF, 7, true, false, true)),
                        1,
                        FlushMode.COMMIT,
                        -1)));
        // The storage thread makes the replica, whose loop then takes the configuration in.
        CompletableFuture<Void> passed = new CompletableFuture<>();
        storage.execute(() -> storage.execute(() -> passed.complete(null)));
        passed.get(20, TimeUnit.SECONDS);
    }
}
