package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord.ConsumerMemberState;
import io.lograft.broker.group.TopicCatalog;
import io.lograft.model.TopicId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the subscriptions of all members come to, with the topics that there are.
 *
 * @param topics that each member reads, by member id
 * @param partitionCounts of all these
 */
record Interest(SortedMap<String, SortedSet<TopicId>> topics, SortedMap<TopicId, Integer> partitionCounts) {
    static final Interest NONE = new Interest(new TreeMap<>(), new TreeMap<>());

    static Interest of(Collection<ConsumerMemberState> members, TopicCatalog catalog) {
        Interest interest = new Interest(new TreeMap<>(), new TreeMap<>());
        Map<String, List<String>> matches = new HashMap<>();
        for (ConsumerMemberState member : members) {
            SortedSet<TopicId> topics = new TreeSet<>();
            member.subscription().topics().forEach(name -> interest.add(name, catalog, topics));
            String pattern = member.subscription().pattern();
            if (!pattern.isEmpty()) {
                matches.computeIfAbsent(pattern, any -> TopicPattern.matches(pattern, catalog))
                        .forEach(name -> interest.add(name, catalog, topics));
            }
            interest.topics.put(member.identity().memberId(), topics);
        }
        return interest;
    }

    private void add(String name, TopicCatalog catalog, SortedSet<TopicId> topics) {
        catalog.find(name).ifPresent(topic -> {
            topics.add(topic.id());
            partitionCounts.put(topic.id(), topic.partitionCount());
        });
    }
}
