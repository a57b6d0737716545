package io.lograft.broker.group.sim;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.consumer.ConsumerGroup;
import java.util.Set;
import java.util.TreeSet;

/** The protocol in which the coordinator assigns. */
final class SimConsumerKind implements SimKind {
    static final SimConsumerKind INSTANCE = new SimConsumerKind();

    private SimConsumerKind() {}

    @Override
    public GroupKind kind() {
        return GroupKind.CONSUMER;
    }

    @Override
    public Group create(String groupId) {
        return new ConsumerGroup(groupId);
    }

    @Override
    public SimMember member(SimProcess process, SimPlace place) {
        return new SimConsumerMember(process, place);
    }

    @Override
    public Set<Integer> held(GroupDescription.Member member) {
        Set<Integer> partitions = new TreeSet<>();
        member.owned().forEach(held -> partitions.add(held.partition().partition()));
        return partitions;
    }

    /** What members ask for at most, and some time for ticks that come late. */
    @Override
    public long longestWaitMs() {
        return SimConsumerMember.MAX_WAIT_MS + 1_000;
    }
}
