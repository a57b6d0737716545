package io.lograft.broker.replica.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.concurrent.Clock;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.EventLoopGroup;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.metrics.BrokerMetrics;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEffect;
import io.lograft.broker.replica.ReplicaSettings;
import io.lograft.broker.replica.transport.LeaderConnections;
import io.lograft.broker.replica.transport.ReplicationServer;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A leader and its log directory on a disk that fills up and gets room again, with the broker's own threads. */
@Timeout(60)
final class ReplicaHostDiskFullTest {
    private static final ReplicaHost.Settings SETTINGS =
            new ReplicaHost.Settings(ReplicaSettings.DEFAULT, 2, new RetentionPace(300_000, () -> true));
    private static final BrokerId SELF = new BrokerId(1);
    private static final TopicId TOPIC = new TopicId(1, 2);
    private static final long EMPTY_DISK_BYTES = 1 << 20;

    private final FaultyFileStore disk = new FaultyFileStore();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> handOvers = new LinkedBlockingQueue<>();
    private final Consumer<Throwable> fatal = failures::add;
    private final EventLoop metadata = new EventLoop("metadata", Clock.SYSTEM, 1_000, fatal);
    private final EventLoopGroup loops = new EventLoopGroup("partition", 2, Clock.SYSTEM, 1_000, fatal);
    private final Workers storage = new Workers("storage", 1, fatal);
    private final Workers flushes = new Workers("flush", 2, fatal);
    private final GrpcTransport transport = new GrpcTransport(1);
    private final PeerChannels peers = new PeerChannels(transport, id -> Optional.empty());
    private final PartitionRegistry registry = new PartitionRegistry();
    private final DiskRoom room = new DiskRoom();

    private ReplicaHost host() throws IOException {
        disk.capacityBytes(EMPTY_DISK_BYTES);
        LogDirectory directory = LogDirectory.open(disk, "boot");
        Ports ports = new Ports(
                new ReplicationServer(() -> "cluster", registry),
                new LeaderConnections(metadata, peers, registry, ReplicateRequest.Hello::getDefaultInstance),
                new Proposals(),
                flushes,
                new CollectedFailures(failures::add),
                room,
                BrokerMetrics.NONE);
        ReplicaHost host = new ReplicaHost(
                directory,
                new ReplicaHost.Setup(loops, storage, flushes, Clock.SYSTEM, SETTINGS, fatal),
                registry,
                ports);
        host.recover(name -> LogConfig.DEFAULTS).join();
        return host;
    }

    @AfterEach
    void stop() {
        metadata.close();
        loops.close();
        storage.close();
        flushes.close();
        peers.close();
        transport.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void writesAreRefusedReadsGoOnAndWritingResumesByItself() throws Exception {
        ReplicaHost host = host();
        host.configure(spec(0, FlushMode.COMMIT));
        assertThat(produce(0, 1_000)).isInstanceOf(ProduceOutcome.Acknowledged.class);

        disk.capacityBytes(usedBytes() + 500);
        ProduceOutcome refused = produceUntil(0, ProduceOutcome.Refused.class);
        assertThat(((ProduceOutcome.Refused) refused).code()).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(handOvers.poll(10, TimeUnit.SECONDS)).contains("disk is full");
        LogRead read = runtime(0).read(0, 10_000, 1);
        assertThat(((LogRead.Batches) read).nextOffset()).isEqualTo(1);

        disk.capacityBytes(usedBytes());
        assertThat(host.checkpoint().handle((done, failure) -> failure == null).join())
                .as("the checkpoints have no room, and that ends nothing")
                .isFalse();
        host.configure(spec(1, FlushMode.COMMIT));
        assertThat(storageTurn(() -> registry.find(id(1)).isPresent()))
                .as("a log is not made on a full disk")
                .isFalse();

        disk.capacityBytes(EMPTY_DISK_BYTES);
        ProduceOutcome again = produceUntil(0, ProduceOutcome.Acknowledged.class);
        assertThat(((ProduceOutcome.Acknowledged) again).baseOffset()).isEqualTo(1);
        assertThat(produceUntil(1, ProduceOutcome.Acknowledged.class)).isNotNull();
        host.checkpoint().join();
        host.stopCleanly().join();
        assertThat(disk.exists(".clean-shutdown")).isTrue();
    }

    @Test
    void aFlushModeThatCannotBeRecordedStaysAsItWasAndHarmsNobody() throws Exception {
        ReplicaHost host = host();
        host.configure(spec(0, FlushMode.COMMIT));
        assertThat(produce(0, 1_000)).isInstanceOf(ProduceOutcome.Acknowledged.class);
        disk.capacityBytes(usedBytes());
        host.configure(spec(0, FlushMode.OS));
        assertThat(produce(0, 1_000)).isInstanceOf(ProduceOutcome.Refused.class);
        disk.capacityBytes(EMPTY_DISK_BYTES);
        assertThat(produceUntil(0, ProduceOutcome.Acknowledged.class)).isNotNull();
        assertThat(runtime(0).log().flushMode()).isEqualTo(FlushMode.COMMIT);
    }

    @Test
    void aStopOnAFullDiskIsNotMarkedAsClean() throws Exception {
        ReplicaHost host = host();
        host.configure(spec(0, FlushMode.COMMIT));
        assertThat(produce(0, 1_000)).isInstanceOf(ProduceOutcome.Acknowledged.class);
        disk.capacityBytes(0);
        assertThat(host.stopCleanly().handle((done, failure) -> failure == null).join())
                .isFalse();
        assertThat(disk.exists(".clean-shutdown")).isFalse();
    }

    @Test
    void theReserveIsKeptFreeOfRecordsOnly() {
        DiskRoom small = new DiskRoom();
        assertThat(small.measured(1_000, 20_000)).isTrue();
        assertThat(small.take(1)).isFalse();
        assertThat(small.measured(1_200, 20_000))
                .as("a little more is not enough")
                .isFalse();
        assertThat(small.take(1)).isFalse();
        assertThat(small.measured(1_300, 20_000)).isTrue();
        assertThat(small.take(300)).isTrue();
        assertThat(small.take(1)).isFalse();
        assertThat(DiskRoom.reserveBytes(1L << 40)).isEqualTo(64L << 20);
    }

    @Test
    void anAppendThatHasNoRoomMakesTheDiskCountAsFullUntilThereIsSome() {
        DiskRoom room = new DiskRoom();
        assertThat(room.measured(1_010, 20_000)).isFalse();
        assertThat(room.take(11)).isFalse();
        assertThat(room.isShort()).isTrue();
        assertThat(room.take(1)).as("whatever its size").isFalse();
        assertThat(room.measured(1_010, 20_000)).as("this is news").isTrue();
        assertThat(room.isShort()).as("so little is not room again").isTrue();
        assertThat(room.measured(1_300, 20_000)).isTrue();
        assertThat(room.take(11)).isTrue();
    }

    /** Produces anew until the outcome is of that kind. */
    private ProduceOutcome produceUntil(int partition, Class<? extends ProduceOutcome> kind) throws Exception {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadlineNs) {
            if (storageTurn(() -> registry.find(id(partition)).isPresent())) {
                ProduceOutcome outcome = produce(partition, 600);
                if (kind.isInstance(outcome)) {
                    return outcome;
                }
            }
        }
        throw new AssertionError("no outcome of kind " + kind.getSimpleName());
    }

    /** Asks behind everything that the storage thread has to do. */
    private <T> T storageTurn(Supplier<T> question) throws Exception {
        CompletableFuture<T> answer = new CompletableFuture<>();
        storage.execute(() -> storage.execute(() -> answer.complete(question.get())));
        return answer.get(20, TimeUnit.SECONDS);
    }

    private ProduceOutcome produce(int partition, int valueBytes) throws Exception {
        storageTurn(() -> null);
        ByteBuffer batch = batch(valueBytes);
        CompletableFuture<ProduceOutcome> outcome = new CompletableFuture<>();
        boolean isTaken = runtime(partition)
                .produce(new ProduceWork(
                        batch,
                        BatchHeader.read(batch, batch.position()),
                        Acks.ALL,
                        System.nanoTime(),
                        20_000,
                        -1,
                        (result, appendTimeMs) -> outcome.complete(result),
                        () -> {}));
        assertThat(isTaken).isTrue();
        return outcome.get(30, TimeUnit.SECONDS);
    }

    private static ByteBuffer batch(int valueBytes) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        builder.append(1, null, new byte[valueBytes]);
        return ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE)));
    }

    private long usedBytes() {
        return disk.totalBytes() - disk.usableBytes();
    }

    private PartitionRuntime runtime(int partition) {
        return registry.find(id(partition)).orElseThrow();
    }

    private static PartitionId id(int partition) {
        return new PartitionId(TOPIC, partition);
    }

    /** Led by this broker alone in the set; another is eligible and could take over. */
    private static ReplicaSpec spec(int partition, FlushMode flushMode) {
        PartitionConfiguration configuration = new PartitionConfiguration(
                SELF,
                7,
                Optional.of(SELF),
                0,
                flushMode == FlushMode.OS ? 1 : 0,
                List.of(new Member(SELF, 7, true, false, true), new Member(new BrokerId(2), 8, false, true, true)),
                1,
                flushMode,
                -1);
        return new ReplicaSpec(
                id(partition),
                new TopicPartition("orders", partition),
                LogConfig.DEFAULTS,
                ProduceRules.of(1 << 20),
                configuration);
    }

    private final class Proposals implements ClusterProposals {
        @Override
        public void proposeIsr(PartitionId partition, ReplicaEffect.ProposeIsr proposal) {}

        @Override
        public void requestHandOver(PartitionId partition, ReplicaEffect.RequestHandOver request) {
            handOvers.add(request.reason());
        }

        @Override
        public void replicaFailed(PartitionId partition, String reason) {
            failures.add(new AssertionError(reason));
        }
    }
}
