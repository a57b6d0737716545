package io.lograft.broker.group.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What holds of assignors for any group; thousands of random ones. */
class AssignorPropertiesTest {
    private static final int ROUNDS = 2_000;
    private final Assignor uniform = new UniformAssignor();

    private static AssignorInput any(Random random) {
        SortedMap<TopicId, Integer> counts = Inputs.topics(random, 6, 12);
        int members = 1 + random.nextInt(8);
        AssignorInput input =
                random.nextBoolean() ? Inputs.equal(members, counts) : Inputs.mixed(random, members, counts);
        return random.nextBoolean() ? Inputs.withRandomHoldings(random, input) : input;
    }

    @Test
    void everyPartitionGoesToOneWhoReadsIt() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            AssignorInput input = any(new Random(seed));
            for (Assignor assignor : Assignor.ALL) {
                SortedMap<String, SortedSet<PartitionId>> assigned = assignor.assign(input);
                assertThat(assigned.keySet())
                        .as("seed %s", seed)
                        .isEqualTo(input.members().keySet());
                SortedSet<PartitionId> all = new TreeSet<>();
                assigned.forEach((id, partitions) -> partitions.forEach(partition -> {
                    assertThat(all.add(partition)).as("%s once", partition).isTrue();
                    assertThat(input.members().get(id).topics()).contains(partition.topic());
                    assertThat(partition.partition())
                            .isLessThan(input.partitionCounts().get(partition.topic()));
                }));
                int count = input.partitionCounts().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
                assertThat(all).as("seed %s, %s", seed, assignor.name()).hasSize(count);
                assertThat(assignor.assign(input)).isEqualTo(assigned);
            }
        }
    }

    @Test
    void uniformIsEvenWithinOneAndMovesOnlyWhatThatNeeds() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            SortedMap<TopicId, Integer> counts = Inputs.topics(random, 5, 12);
            AssignorInput input = Inputs.withRandomHoldings(random, Inputs.equal(1 + random.nextInt(9), counts));
            SortedMap<String, SortedSet<PartitionId>> assigned = uniform.assign(input);
            int total = counts.values().stream().mapToInt(Integer::intValue).sum();
            int least = total / assigned.size();
            assertThat(assigned.values())
                    .as("seed %s", seed)
                    .allMatch(got -> got.size() == least || (got.size() == least + 1 && total % assigned.size() > 0));
            assertThat(taken(input, assigned)).as("seed %s", seed).isEqualTo(leastTaken(input, total));
        }
    }

    /** How many are taken from members that hold and read them. */
    private static int taken(AssignorInput input, SortedMap<String, SortedSet<PartitionId>> assigned) {
        int taken = 0;
        for (Map.Entry<String, AssignorInput.Member> entry : input.members().entrySet()) {
            for (PartitionId held : stillThere(input, entry.getValue())) {
                taken += assigned.get(entry.getKey()).contains(held) ? 0 : 1;
            }
        }
        return taken;
    }

    private static List<PartitionId> stillThere(AssignorInput input, AssignorInput.Member member) {
        return member.held().stream()
                .filter(held -> member.topics().contains(held.topic())
                        && held.partition() < input.partitionCounts().get(held.topic()))
                .toList();
    }

    /** With equal subscriptions: what is above the even number, with the odd ones left where most is held. */
    private static int leastTaken(AssignorInput input, int total) {
        int least = total / input.members().size();
        int odd = total % input.members().size();
        int taken = 0;
        for (AssignorInput.Member member : input.members().values()) {
            int above = stillThere(input, member).size() - least;
            if (above > 0 && odd > 0) {
                odd--;
                above--;
            }
            taken += Math.max(0, above);
        }
        return taken;
    }

    @Test
    void uniformIsStableAndMovesLittleWhenMembersComeAndGo() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            SortedMap<TopicId, Integer> counts = Inputs.topics(random, 5, 12);
            int members = 2 + random.nextInt(8);
            AssignorInput input = Inputs.equal(members, counts);
            AssignorInput settled = Inputs.holding(input, uniform.assign(input));
            assertThat(uniform.assign(settled))
                    .as("seed %s: nothing moves", seed)
                    .isEqualTo(uniform.assign(input));

            AssignorInput fewer = Inputs.without(settled, Inputs.id(random.nextInt(members)));
            assertThat(taken(fewer, uniform.assign(fewer)))
                    .as("seed %s: one went", seed)
                    .isZero();

            AssignorInput more = Inputs.plus(settled, "new");
            SortedMap<String, SortedSet<PartitionId>> assigned = uniform.assign(more);
            assertThat(taken(more, assigned))
                    .as("seed %s: only to the one who came", seed)
                    .isEqualTo(assigned.get("new").size());
        }
    }

    @Test
    void uniformIsAsEvenAsSubscriptionsAllow() {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            AssignorInput input = Inputs.mixed(random, 2 + random.nextInt(3), Inputs.topics(random, 3, 2));
            SortedMap<String, SortedSet<PartitionId>> assigned =
                    uniform.assign(Inputs.withRandomHoldings(random, input));
            assertThat(sumOfSquares(assigned.values().stream().map(Set::size).toList()))
                    .as("seed %s", seed)
                    .isEqualTo(leastSumOfSquares(input));
        }
    }

    private static int sumOfSquares(Iterable<Integer> sizes) {
        int sum = 0;
        for (int size : sizes) {
            sum += size * size;
        }
        return sum;
    }

    /** Tries every assignment. */
    private static int leastSumOfSquares(AssignorInput input) {
        List<List<Integer>> choices = new ArrayList<>();
        List<AssignorInput.Member> members = List.copyOf(input.members().values());
        input.partitionCounts().forEach((topic, count) -> {
            List<Integer> readers = new ArrayList<>();
            for (int i = 0; i < members.size(); i++) {
                if (members.get(i).topics().contains(topic)) {
                    readers.add(i);
                }
            }
            for (int i = 0; i < count; i++) {
                choices.add(readers);
            }
        });
        return tryAll(choices, 0, new int[members.size()]);
    }

    private static int tryAll(List<List<Integer>> choices, int next, int[] sizes) {
        if (next == choices.size()) {
            return sumOfSquares(Arrays.stream(sizes).boxed().toList());
        }
        int least = Integer.MAX_VALUE;
        for (int reader : choices.get(next)) {
            sizes[reader]++;
            least = Math.min(least, tryAll(choices, next + 1, sizes));
            sizes[reader]--;
        }
        return least;
    }

    @Test
    void uniformMovesNothingOfASettledMixedGroup() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            AssignorInput input = Inputs.mixed(random, 1 + random.nextInt(8), Inputs.topics(random, 6, 12));
            SortedMap<String, SortedSet<PartitionId>> assigned = uniform.assign(input);
            assertThat(uniform.assign(Inputs.holding(input, assigned)))
                    .as("seed %s", seed)
                    .isEqualTo(assigned);
        }
    }

    @Test
    void rangeIsKafkas() {
        Assignor range = new RangeAssignor();
        var kafkas = new org.apache.kafka.clients.consumer.RangeAssignor();
        for (int seed = 0; seed < ROUNDS; seed++) {
            AssignorInput input = any(new Random(seed));
            Map<String, Integer> counts = new HashMap<>();
            input.partitionCounts().forEach((topic, count) -> counts.put(topic.toString(), count));
            Map<String, Subscription> subscriptions = new HashMap<>();
            input.members().forEach((id, member) -> {
                Subscription subscription = new Subscription(
                        member.topics().stream().map(TopicId::toString).toList());
                if (!member.instanceId().isEmpty()) {
                    subscription.setGroupInstanceId(Optional.of(member.instanceId()));
                }
                subscriptions.put(id, subscription);
            });
            SortedMap<String, SortedSet<PartitionId>> expected = new TreeMap<>();
            kafkas.assign(counts, subscriptions).forEach((id, partitions) -> {
                SortedSet<PartitionId> own = expected.computeIfAbsent(id, any -> new TreeSet<>());
                for (TopicPartition partition : partitions) {
                    own.add(new PartitionId(TopicId.parse(partition.topic()), partition.partition()));
                }
            });
            assertThat(range.assign(input)).as("seed %s", seed).isEqualTo(expected);
        }
    }

    @Test
    void aHundredMembersAndAThousandPartitionsTakeWellUnderASecond() {
        SortedMap<TopicId, Integer> counts = new TreeMap<>();
        for (int i = 0; i < 20; i++) {
            counts.put(Inputs.topic(i), 50);
        }
        for (AssignorInput input : List.of(
                Inputs.equal(100, counts),
                Inputs.mixed(new Random(1), 100, counts),
                Inputs.withRandomHoldings(new Random(2), Inputs.mixed(new Random(1), 100, counts)))) {
            for (Assignor assignor : Assignor.ALL) {
                long beganNs = System.nanoTime();
                assertThat(assignor.assign(input)).hasSize(100);
                long tookMs = (System.nanoTime() - beganNs) / 1_000_000;
                assertThat(tookMs).as("%s, cold, in ms", assignor.name()).isLessThan(500);
            }
        }
    }
}
