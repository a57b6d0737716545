package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Random groups for the tests of assignors. */
final class Inputs {
    private Inputs() {}

    static TopicId topic(int number) {
        return new TopicId(0, number);
    }

    static SortedMap<TopicId, Integer> topics(Random random, int topicsMax, int partitionsMax) {
        SortedMap<TopicId, Integer> counts = new TreeMap<>();
        int topics = 1 + random.nextInt(topicsMax);
        for (int i = 0; i < topics; i++) {
            counts.put(topic(i), 1 + random.nextInt(partitionsMax));
        }
        return counts;
    }

    /** All read the same; nobody holds anything. */
    static AssignorInput equal(int members, SortedMap<TopicId, Integer> counts) {
        SortedMap<String, AssignorInput.Member> all = new TreeMap<>();
        for (int i = 0; i < members; i++) {
            all.put(id(i), new AssignorInput.Member("", new TreeSet<>(counts.keySet()), new TreeSet<>()));
        }
        return new AssignorInput(all, counts);
    }

    /** Each reads some; every topic is read by somebody. */
    static AssignorInput mixed(Random random, int members, SortedMap<TopicId, Integer> counts) {
        SortedMap<String, AssignorInput.Member> all = new TreeMap<>();
        SortedMap<TopicId, Integer> read = new TreeMap<>();
        for (int i = 0; i < members; i++) {
            SortedSet<TopicId> topics = new TreeSet<>();
            for (TopicId topic : counts.keySet()) {
                if (random.nextInt(3) == 0) {
                    topics.add(topic);
                    read.put(topic, counts.get(topic));
                }
            }
            String instance = random.nextInt(4) == 0 ? "i" + random.nextInt(1_000) + "-" + i : "";
            all.put(id(i), new AssignorInput.Member(instance, topics, new TreeSet<>()));
        }
        return new AssignorInput(all, read);
    }

    /** The same with holdings spread at random, some of them of topics that the member reads no more. */
    static AssignorInput withRandomHoldings(Random random, AssignorInput input) {
        List<PartitionId> partitions = new ArrayList<>();
        input.partitionCounts().forEach((topic, count) -> {
            for (int i = 0; i < count + 2; i++) {
                partitions.add(new PartitionId(topic, i));
            }
        });
        Collections.shuffle(partitions, random);
        SortedMap<String, SortedSet<PartitionId>> held = new TreeMap<>();
        List<String> ids = List.copyOf(input.members().keySet());
        // The lower members hold more, so that it is not even.
        for (PartitionId partition : partitions.subList(0, random.nextInt(partitions.size() + 1))) {
            String id = ids.get(random.nextInt(1 + random.nextInt(ids.size())));
            held.computeIfAbsent(id, any -> new TreeSet<>()).add(partition);
        }
        return holding(input, held);
    }

    /** The same with these holdings. */
    static AssignorInput holding(AssignorInput input, SortedMap<String, SortedSet<PartitionId>> held) {
        SortedMap<String, AssignorInput.Member> members = new TreeMap<>();
        input.members()
                .forEach((id, member) -> members.put(
                        id,
                        new AssignorInput.Member(
                                member.instanceId(), member.topics(), held.getOrDefault(id, new TreeSet<>()))));
        return new AssignorInput(members, input.partitionCounts());
    }

    static AssignorInput without(AssignorInput input, String memberId) {
        SortedMap<String, AssignorInput.Member> members = new TreeMap<>(input.members());
        members.remove(memberId);
        return new AssignorInput(members, input.partitionCounts());
    }

    static AssignorInput plus(AssignorInput input, String memberId) {
        SortedMap<String, AssignorInput.Member> members = new TreeMap<>(input.members());
        members.put(
                memberId,
                new AssignorInput.Member(
                        "", new TreeSet<>(input.partitionCounts().keySet()), new TreeSet<>()));
        return new AssignorInput(members, input.partitionCounts());
    }

    static String id(int number) {
        return "m%03d".formatted(number);
    }
}
