package io.lograft.broker.group.assign;

import io.lograft.broker.group.assign.Loads.Load;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Moves partitions from members with many to members with few. A member can pass a partition on to every member that
 * reads its topic, so what a member has too much can reach another over several who pass one on and get one. Every chain
 * makes the sum of the squared sizes smaller, so this ends.
 */
final class LoadBalance {
    private final Loads loads;
    private int searches;

    LoadBalance(Loads loads) {
        this.loads = loads;
    }

    void run() {
        boolean hasMoved = true;
        while (hasMoved) {
            hasMoved = false;
            List<Load> manyFirst = loads.all().stream()
                    .sorted(Comparator.comparingInt((Load load) -> -load.size()))
                    .toList();
            for (Load from : manyFirst) {
                hasMoved |= relieve(from);
            }
        }
    }

    private boolean relieve(Load from) {
        boolean hasMoved = false;
        while (from.size() - fewest() >= 2) {
            Optional<Load> to = nearestWithFewer(from);
            if (to.isEmpty()) {
                break;
            }
            passAlong(to.get(), from);
            hasMoved = true;
        }
        return hasMoved;
    }

    private int fewest() {
        int fewest = Integer.MAX_VALUE;
        for (Load load : loads.all()) {
            fewest = Math.min(fewest, load.size());
        }
        return fewest;
    }

    /** Searches in breadth: the first level with members that have at least two fewer has the shortest chains. */
    private Optional<Load> nearestWithFewer(Load from) {
        searches++;
        from.metInSearch = searches;
        Set<TopicId> seen = new HashSet<>();
        List<Load> level = List.of(from);
        while (!level.isEmpty()) {
            List<Load> next = new ArrayList<>();
            for (Load passer : level) {
                for (TopicId topic : passer.topics()) {
                    if (seen.add(topic)) {
                        meetReaders(topic, passer, next);
                    }
                }
            }
            Optional<Load> best = next.stream()
                    .filter(load -> load.size() <= from.size() - 2)
                    .min(Comparator.comparingInt(Load::size));
            if (best.isPresent()) {
                return best;
            }
            level = next;
        }
        return Optional.empty();
    }

    private void meetReaders(TopicId topic, Load passer, List<Load> met) {
        for (Load reader : loads.readers(topic)) {
            if (reader.metInSearch != searches) {
                reader.metInSearch = searches;
                reader.metFrom = passer;
                reader.metBy = topic;
                met.add(reader);
            }
        }
    }

    private static void passAlong(Load to, Load from) {
        for (Load receiver = to; receiver != from; receiver = receiver.metFrom) {
            receiver.metFrom.giveOne(receiver.metBy, receiver);
        }
    }
}
