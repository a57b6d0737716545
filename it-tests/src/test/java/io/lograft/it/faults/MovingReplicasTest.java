package io.lograft.it.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.lograft.client.Lograft;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.Eventually;
import io.lograft.it.ReplicaFiles;
import io.lograft.it.TestTopic;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.PartitionTarget;
import io.lograft.proto.v1.ReassignPartitionsRequest;
import io.lograft.proto.v1.ReassignmentResult;
import io.lograft.wire.ErrorCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four brokers whose replicas are moved about all the time, to more and to fewer brokers, with a change of mind now and
 * then and with brokers that are killed meanwhile: nothing acknowledged or seen is lost, and in the end each broker has the
 * files of its replicas and no others. {@code -Dmoves.rounds} makes it longer.
 */
@Tag("it")
class MovingReplicasTest {
    private static final Duration HEALING_MAX = Duration.ofMinutes(3);
    private static final int ROUNDS = Integer.getInteger("moves.rounds", 8);
    private static final int KILL_EVERY = 4;
    private static final Set<ErrorCode> EXPECTED =
            Set.of(ErrorCode.NONE, ErrorCode.INELIGIBLE_REPLICA, ErrorCode.NO_REASSIGNMENT, ErrorCode.UNSAFE_CHANGE);

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(4);

    @TempDir
    Path directory;

    private final Map<ErrorCode, Integer> outcomes = new EnumMap<>(ErrorCode.class);
    private Random random;

    @Test
    void nothingIsLostWhileReplicasMove() throws Exception {
        long seed = Long.getLong("it.seed", System.nanoTime());
        System.out.println("seed " + seed);
        random = new Random(seed);
        brokers.start(directory);
        ReplicaFiles files;
        Map<TopicPartition, List<Integer>> replicas = new HashMap<>();
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            TestTopic.create(cluster);
            Faults.awaitHealth(cluster, HEALING_MAX);
            try (RecordLoad load = RecordLoad.start(cluster, TestTopic.NAME, LoadShape.DEFAULT.of(0, 2_000))) {
                load.awaitAcknowledged(2_000, HEALING_MAX);
                for (int round = 0; round < ROUNDS; round++) {
                    moveUnder(load, round);
                }
                settle();
                Faults.awaitHealth(cluster, HEALING_MAX);
                load.finish(Duration.ofMinutes(5));
                load.audit(cluster);
            }
            files = ReplicaFiles.of(cluster, TestTopic.NAME);
            partitions(1)
                    .forEach(partition -> replicas.put(
                            new TopicPartition(TestTopic.NAME, partition.getPartition()), partition.getReplicasList()));
        }
        System.out.println("answers to requests for other replicas: " + outcomes);
        assertThat(outcomes.keySet()).isSubsetOf(EXPECTED).contains(ErrorCode.NONE);
        brokers.stop(brokers.ids());
        files.assertSameEverywhere(brokers);
        assertNothingElse(replicas);
    }

    private void moveUnder(RecordLoad load, int round) {
        int victim = 1 + random.nextInt(brokers.ids().size());
        boolean isKilled = round % KILL_EVERY == KILL_EVERY - 1;
        List<PartitionTarget> targets = new ArrayList<>();
        for (int partition = 0; partition < TestTopic.PARTITIONS; partition++) {
            int wish = random.nextInt(6);
            if (wish > 0) {
                targets.add(target(partition, wish == 1 ? 0 : 1 + random.nextInt(4)));
            }
        }
        if (!targets.isEmpty()) {
            reassign(1 + random.nextInt(brokers.ids().size()), random.nextInt(3) == 0 ? 200_000 : 0, targets);
        }
        if (isKilled) {
            brokers.kill(List.of(victim));
            Faults.pause(Duration.ofMillis(random.nextInt(1_000)));
            brokers.restart(List.of(victim));
        }
        load.awaitAcknowledged(load.acknowledgedCount() + 200 + random.nextInt(2_000), HEALING_MAX);
        load.check();
    }

    private PartitionTarget target(int partition, int count) {
        List<Integer> ids = new ArrayList<>(brokers.ids());
        Collections.shuffle(ids, random);
        return PartitionTarget.newBuilder()
                .setTopic(TestTopic.NAME)
                .setPartition(partition)
                .addAllReplicas(ids.subList(0, count))
                .build();
    }

    private void reassign(int broker, long throttle, List<PartitionTarget> targets) {
        ReassignPartitionsRequest request = ReassignPartitionsRequest.newBuilder()
                .addAllTargets(targets)
                .setThrottleBytesPerSecond(throttle)
                .build();
        ManagedChannel channel = channel(broker);
        try {
            List<ReassignmentResult> results = AdminServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(1, TimeUnit.MINUTES)
                    .reassignPartitions(request)
                    .getResultsList();
            assertThat(results).hasSameSizeAs(targets);
            results.forEach(result ->
                    outcomes.merge(ErrorCodes.fromProto(result.getFailure().getCode()), 1, Integer::sum));
        } finally {
            channel.shutdownNow();
        }
    }

    /** Three replicas each, all there. */
    private void settle() {
        List<PartitionTarget> targets = new ArrayList<>();
        for (int partition = 0; partition < TestTopic.PARTITIONS; partition++) {
            targets.add(target(partition, 3));
        }
        int refusedBefore = refusedCount();
        reassign(1, 0, targets);
        assertThat(refusedCount()).isEqualTo(refusedBefore);
        Eventually.holds(
                HEALING_MAX,
                () -> "all replicas are where they are to be: " + partitions(1),
                () -> partitions(1).stream()
                        .allMatch(partition -> !partition.hasReassignment() && partition.getIsrCount() == 3));
    }

    private int refusedCount() {
        return outcomes.entrySet().stream()
                .filter(outcome -> outcome.getKey() != ErrorCode.NONE)
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    private List<PartitionDescription> partitions(int broker) {
        ManagedChannel channel = channel(broker);
        try {
            return MetadataServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(1, TimeUnit.MINUTES)
                    .describeTopics(DescribeTopicsRequest.newBuilder()
                            .addNames(TestTopic.NAME)
                            .setIncludeLogState(true)
                            .setIncludeReplicaStates(true)
                            .build())
                    .getTopics(0)
                    .getPartitionsList();
        } finally {
            channel.shutdownNow();
        }
    }

    private ManagedChannel channel(int broker) {
        return Grpc.newChannelBuilder(brokers.address(broker), InsecureChannelCredentials.create())
                .build();
    }

    private void assertNothingElse(Map<TopicPartition, List<Integer>> replicas) throws IOException {
        for (int id : brokers.ids()) {
            List<String> wanted = replicas.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(id))
                    .map(entry -> entry.getKey().toString())
                    .sorted()
                    .toList();
            try (Stream<Path> files = Files.list(brokers.logDirectory(id))) {
                assertThat(files.map(Path::getFileName)
                                .map(Path::toString)
                                .filter(name -> name.startsWith(TestTopic.NAME + "-") && !name.endsWith("-delete"))
                                .sorted()
                                .toList())
                        .as("replicas of broker %d", id)
                        .isEqualTo(wanted);
            }
        }
    }
}
