package io.lograft.broker.group;

import java.util.List;

/**
 * What a member wants to read.
 *
 * @param assignor how it wants partitions to be spread; empty: no wish
 * @param topics names of topics, sorted and without repetition
 * @param pattern empty, or a regular expression (RE2) for whole names
 */
public record Subscription(String assignor, List<String> topics, String pattern) {
    public Subscription {
        topics = topics.stream().distinct().sorted().toList();
    }
}
