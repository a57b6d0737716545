package io.lograft.cli.reassign;

import io.lograft.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Spreads preferred leaders over the brokers, by the order of replicas alone, so that no byte moves for it: first of each
 * topic, then of all topics together without undoing the first. Both end with a difference of at most one where the
 * replicas are as even as that. Pure; for one use.
 *
 * <p>Leadership goes from a broker with too much to one with too little along the shortest way over others, each of which
 * passes on as much as it gets: augmenting paths, as for a flow in a network.
 */
final class LeaderSpread {
    private final SortedMap<TopicPartition, List<Integer>> plan;
    private final SortedSet<Integer> brokers;
    private final Map<Place, SortedSet<TopicPartition>> led = new HashMap<>();
    private final SortedSet<String> topics = new TreeSet<>();
    private final SortedMap<String, Range> ranges = new TreeMap<>();

    /** A broker within a topic; without topic, within all. */
    private record Place(String topic, int broker) {
        static Place overall(int broker) {
            return new Place(null, broker);
        }
    }

    /** A step to another place, along which the leadership of a partition goes, or none. */
    private record Step(Place to, TopicPartition handedOver) {}

    /** The fewest and the most partitions of a topic that a broker leads. */
    private record Range(int least, int most) {}

    /**
     * For a plan whose lists are put in order.
     *
     * @param plan its lists can be changed
     */
    LeaderSpread(SortedMap<TopicPartition, List<Integer>> plan, SortedSet<Integer> brokers) {
        this.plan = plan;
        this.brokers = brokers;
        plan.forEach((partition, replicas) -> {
            topics.add(partition.topic());
            count(partition, replicas.get(0));
        });
    }

    void evenOut() {
        for (String topic : topics) {
            evenOut(broker -> new Place(topic, broker), this::handOvers);
            ranges.put(
                    topic,
                    new Range(
                            brokers.stream()
                                    .mapToInt(b -> load(new Place(topic, b)))
                                    .min()
                                    .orElse(0),
                            brokers.stream()
                                    .mapToInt(b -> load(new Place(topic, b)))
                                    .max()
                                    .orElse(0)));
        }
        evenOut(Place::overall, this::stepsAcross);
    }

    private void evenOut(Function<Integer, Place> place, Function<Place, List<Step>> steps) {
        boolean isGoingOn = true;
        while (isGoingOn) {
            isGoingOn = brokers.stream()
                    .map(place)
                    .sorted(Comparator.comparingInt((Place from) -> -load(from)))
                    .anyMatch(from -> shift(from, steps));
        }
    }

    /** Takes one leadership from a place to one that has two less; false where none can be reached. */
    private boolean shift(Place from, Function<Place, List<Step>> steps) {
        Predicate<Place> isGoal =
                place -> (place.topic() == null) == (from.topic() == null) && load(place) <= load(from) - 2;
        Map<Place, Place> cameFrom = new HashMap<>();
        Map<Place, Step> cameBy = new HashMap<>();
        Deque<Place> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            Place place = next.remove();
            for (Step step : steps.apply(place)) {
                if (step.to().equals(from) || cameBy.putIfAbsent(step.to(), step) != null) {
                    continue;
                }
                cameFrom.put(step.to(), place);
                if (isGoal.test(step.to())) {
                    handOver(step.to(), from, cameFrom, cameBy);
                    return true;
                }
                next.add(step.to());
            }
        }
        return false;
    }

    private void handOver(Place goal, Place from, Map<Place, Place> cameFrom, Map<Place, Step> cameBy) {
        for (Place place = goal; !place.equals(from); place = cameFrom.get(place)) {
            TopicPartition partition = cameBy.get(place).handedOver();
            if (partition != null) {
                lead(partition, place.broker());
            }
        }
    }

    /** To the other replicas of what is led. */
    private List<Step> handOvers(Place place) {
        List<Step> steps = new ArrayList<>();
        for (TopicPartition partition : led.getOrDefault(place, new TreeSet<>())) {
            plan.get(partition).stream()
                    .skip(1)
                    .forEach(broker -> steps.add(new Step(new Place(partition.topic(), broker), partition)));
        }
        return steps;
    }

    /** From a broker to any of its topics that it may lead less of, and back from where it may lead more. */
    private List<Step> stepsAcross(Place place) {
        if (place.topic() == null) {
            return topics.stream()
                    .map(topic -> new Place(topic, place.broker()))
                    .filter(within -> load(within) > ranges.get(within.topic()).least())
                    .map(within -> new Step(within, null))
                    .toList();
        }
        List<Step> steps = handOvers(place);
        if (load(place) < ranges.get(place.topic()).most()) {
            steps.add(new Step(Place.overall(place.broker()), null));
        }
        return steps;
    }

    private void lead(TopicPartition partition, Integer broker) {
        List<Integer> replicas = plan.get(partition);
        led.get(new Place(partition.topic(), replicas.get(0))).remove(partition);
        led.get(Place.overall(replicas.get(0))).remove(partition);
        replicas.remove(/* element */ broker);
        replicas.add(0, broker);
        count(partition, broker);
    }

    private void count(TopicPartition partition, int broker) {
        led.computeIfAbsent(new Place(partition.topic(), broker), place -> new TreeSet<>())
                .add(partition);
        led.computeIfAbsent(Place.overall(broker), place -> new TreeSet<>()).add(partition);
    }

    private int load(Place place) {
        SortedSet<TopicPartition> partitions = led.get(place);
        return partitions == null ? 0 : partitions.size();
    }
}
