package io.lograft.client.core.group;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * What a member wants to read.
 *
 * @param topics names, sorted
 * @param pattern also reads topics whose whole name matches this RE2 expression; empty: none
 */
public record Subscription(List<String> topics, String pattern) {
    public Subscription {
        topics = List.copyOf(new TreeSet<>(topics));
        if (topics.isEmpty() && pattern.isEmpty()) {
            throw new IllegalArgumentException("a subscription names topics or a pattern");
        }
    }

    public static Subscription toTopics(Collection<String> topics) {
        return new Subscription(List.copyOf(topics), "");
    }

    public static Subscription toPattern(String pattern) {
        return new Subscription(List.of(), pattern);
    }
}
