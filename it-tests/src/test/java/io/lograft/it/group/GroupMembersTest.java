package io.lograft.it.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.client.Lograft;
import io.lograft.client.NewTopic;
import io.lograft.client.TopicDescription;
import io.lograft.it.ClusterProcesses;
import io.lograft.it.Eventually;
import io.lograft.it.load.LoadShape;
import io.lograft.it.load.RecordLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A group of processes on a topic with 12 partitions, while 1,000 records a second are written. */
@Tag("it")
class GroupMembersTest {
    private static final String TOPIC = "orders";
    private static final String GROUP = "billing";
    private static final int PARTITIONS = 12;
    private static final int SESSION_MS = 2_000;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("group.rounds", 4);
    private static final LoadShape LOAD = new LoadShape(1, 1, 1, 1_000, Duration.ofMinutes(5));

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(3);

    @TempDir
    Path directory;

    private final GroupAudit audit = new GroupAudit();
    private final List<MemberProcess> members = new ArrayList<>();
    private final List<MemberProcess> everybody = new ArrayList<>();
    private Lograft cluster;
    private RecordLoad load;
    private int launched;

    @BeforeEach
    void start() throws Exception {
        brokers.start(directory);
        cluster = Lograft.connect(brokers.bootstrap());
        cluster.admin()
                .createTopic(NewTopic.of(TOPIC).withPartitions(PARTITIONS).withReplication(3));
    }

    @AfterEach
    void stop() {
        everybody.forEach(MemberProcess::close);
        if (load != null) {
            load.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void theOthersTakeOverFromAKilledMemberAndNewOnesDisturbNobody() throws Exception {
        join(launch(3));
        load = RecordLoad.start(cluster, TOPIC, LOAD);
        awaitAllOwned();
        long slowestTakeover = 0;
        long longestGap = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            List<MemberProcess> fresh = launch(2);
            slowestTakeover = Math.max(slowestTakeover, killOne());
            longestGap = Math.max(longestGap, addTwo(fresh));
            MemberProcess leaving = members.removeFirst();
            leaving.leave();
            awaitAllOwned();
        }
        load.finish(LONG);
        Map<Integer, Long> ends = ends();
        Eventually.holds(
                LONG,
                () -> "everything is read: " + ends + ", " + audit.readUpTo(),
                () -> audit.readUpTo().equals(ends));
        System.out.printf(
                "%d rounds: slowest take-over %d ms after kill -9 (session timeout %d ms), longest pause of a partition"
                        + " that stayed while two members came %d ms, %d records read, %d of them twice%n",
                ROUNDS,
                slowestTakeover,
                SESSION_MS,
                longestGap,
                ends.values().stream().mapToLong(Long::longValue).sum(),
                audit.duplicateCount());
        assertThat(audit.faults()).isEmpty();
        assertThat(everybody.stream().flatMap(member -> member.unexpected().stream()))
                .isEmpty();
    }

    /** Returns how many milliseconds after the kill the others had everything. */
    private long killOne() throws Exception {
        MemberProcess victim = members.removeFirst();
        Set<Integer> orphans = audit.owned(victim.name());
        long killedMs = System.currentTimeMillis();
        victim.kill();
        awaitAllOwned();
        long tookMs = audit.lastAssignedMs(orphans) - killedMs;
        assertThat(tookMs).as("milliseconds until the others took over").isLessThan(SESSION_MS + 1_000);
        return tookMs;
    }

    /** Returns the longest pause of a partition that stayed where it was. */
    private long addTwo(List<MemberProcess> fresh) throws Exception {
        Map<String, Set<Integer>> before = owned();
        long beforeMs = System.currentTimeMillis();
        join(fresh);
        awaitAllOwned();
        Map<String, Set<Integer>> after = owned();
        long read =
                audit.readUpTo().values().stream().mapToLong(Long::longValue).sum();
        Eventually.holds(
                LONG,
                "reading goes on",
                () -> audit.readUpTo().values().stream()
                                .mapToLong(Long::longValue)
                                .sum()
                        > read + 500);
        long longest = 0;
        int stayed = 0;
        for (Map.Entry<String, Set<Integer>> member : before.entrySet()) {
            Set<Integer> kept = new TreeSet<>(member.getValue());
            kept.retainAll(after.get(member.getKey()));
            for (int partition : kept) {
                assertThat(audit.changesSince(partition, beforeMs))
                        .as("changes of partition " + partition + ", which stays")
                        .isZero();
                longest = Math.max(longest, audit.longestGapMs(partition, beforeMs));
                stayed++;
            }
        }
        assertThat(stayed).as("partitions that stay with two of four members").isEqualTo(PARTITIONS / 2);
        return longest;
    }

    @Test
    void aRollingRestartLosesNoOffsetAndStopsNobodyForLong() throws Exception {
        join(launch(3));
        load = RecordLoad.start(cluster, TOPIC, LOAD);
        awaitAllOwned();
        long startMs = System.currentTimeMillis();
        load.beginWindow();
        for (int broker : brokers.ids()) {
            brokers.stop(List.of(broker));
            brokers.launch(List.of(broker));
            brokers.awaitReady(List.of(broker));
            awaitHealth();
        }
        load.finish(LONG);
        Map<Integer, Long> ends = ends();
        Eventually.holds(
                LONG,
                () -> "everything is read: " + ends + ", " + audit.readUpTo(),
                () -> audit.readUpTo().equals(ends));
        long longest = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            longest = Math.max(longest, audit.longestGapMs(partition, startMs));
        }
        System.out.printf(
                "rolling restart with a group of three: longest pause of a partition %d ms (of acknowledgements %d ms),"
                        + " %d records read twice%n",
                longest, load.longestPause().toMillis(), audit.duplicateCount());
        assertThat(audit.faults()).isEmpty();
        assertThat(longest).as("longest pause in ms, generously").isLessThan(10_000);
    }

    private void awaitHealth() {
        Eventually.holds(
                LONG,
                "all replicas are in sync",
                () -> cluster.admin().describeTopic(TOPIC).partitions().stream()
                        .noneMatch(partition -> partition.isOffline() || partition.isUnderReplicated()));
    }

    private List<MemberProcess> launch(int count) throws Exception {
        List<MemberProcess> fresh = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemberProcess member =
                    MemberProcess.launch("member " + ++launched, audit, brokers.bootstrap(), GROUP, TOPIC, SESSION_MS);
            everybody.add(member);
            fresh.add(member);
        }
        for (MemberProcess member : fresh) {
            member.awaitReady();
        }
        return fresh;
    }

    private void join(List<MemberProcess> fresh) {
        fresh.forEach(MemberProcess::join);
        members.addAll(fresh);
    }

    private Map<String, Set<Integer>> owned() {
        Map<String, Set<Integer>> owned = new TreeMap<>();
        members.forEach(member -> owned.put(member.name(), audit.owned(member.name())));
        return owned;
    }

    /** Everything is with somebody, evenly. */
    private void awaitAllOwned() {
        int each = PARTITIONS / members.size();
        Eventually.holds(
                LONG,
                () -> "the members have " + each + " partitions or one more each: " + owned() + "; refused: "
                        + audit.refusals(),
                () -> owned().values().stream().allMatch(set -> set.size() == each || set.size() == each + 1)
                        && owned().values().stream().mapToInt(Set::size).sum() == PARTITIONS);
    }

    private Map<Integer, Long> ends() {
        Map<Integer, Long> ends = new TreeMap<>();
        for (TopicDescription.Partition partition :
                cluster.admin().describeTopic(TOPIC).partitions()) {
            ends.put(partition.number(), partition.log().orElseThrow().highWatermark());
        }
        return ends;
    }
}
