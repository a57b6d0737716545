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
        while (hasMovedFromAny()) {
            // What moved may have opened chains for members that had none.
        }
    }

    /** Always takes one from the member with the most: who is relieved of more than that gets some back later. */
    private boolean hasMovedFromAny() {
        boolean hasMoved = false;
        Set<Load> without = new HashSet<>();
        for (Optional<Load> from = most(without); from.isPresent(); from = most(without)) {
            Optional<Load> to = nearestWithFewer(from.get());
            if (to.isPresent()) {
                passAlong(to.get(), from.get());
                hasMoved = true;
            } else {
                without.add(from.get());
            }
        }
        return hasMoved;
    }

    /** The member with the most, if another has at least two fewer. */
    private Optional<Load> most(Set<Load> without) {
        int fewest = Integer.MAX_VALUE;
        Load most = null;
        for (Load load : loads.all()) {
            fewest = Math.min(fewest, load.size());
            if (!without.contains(load) && (most == null || load.size() > most.size())) {
                most = load;
            }
        }
        return most != null && most.size() - fewest >= 2 ? Optional.of(most) : Optional.empty();
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
