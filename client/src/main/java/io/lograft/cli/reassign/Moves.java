package io.lograft.cli.reassign;

import io.lograft.client.Admin;
import io.lograft.client.LograftException;
import io.lograft.client.TopicDescription;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/** Asks the cluster which partitions are on their way, and how far they are. */
final class Moves {
    private Moves() {}

    /** All partitions of all topics, without the state of logs. */
    static List<TopicDescription> topics(Admin admin) {
        return admin.describeTopics(List.of());
    }

    /** What is under way of these partitions. */
    static List<Move> underWay(Admin admin, Predicate<TopicPartition> isAsked) {
        List<TopicDescription> all = topics(admin);
        List<String> names = all.stream()
                .filter(topic -> !moves(List.of(topic), isAsked).isEmpty())
                .map(TopicDescription::name)
                .toList();
        return names.isEmpty() ? List.of() : moves(withReplicas(admin, names, all), isAsked);
    }

    private static Collection<TopicDescription> withReplicas(
            Admin admin, List<String> names, List<TopicDescription> all) {
        try {
            return admin.describeReplicas(names);
        } catch (LograftException e) {
            if (e.code() != ErrorCode.UNKNOWN_TOPIC) {
                throw e;
            }
            return all; // One was deleted just now; how far the others are is told the next time.
        }
    }

    private static List<Move> moves(Collection<TopicDescription> topics, Predicate<TopicPartition> isAsked) {
        List<Move> moves = new ArrayList<>();
        for (TopicDescription topic : topics) {
            topic.partitions().stream()
                    .filter(partition -> partition.reassignment().isPresent())
                    .filter(partition -> isAsked.test(new TopicPartition(topic.name(), partition.number())))
                    .forEach(partition -> moves.add(Move.of(topic.name(), partition)));
        }
        return moves;
    }
}
