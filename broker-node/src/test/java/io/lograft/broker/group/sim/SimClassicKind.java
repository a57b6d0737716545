package io.lograft.broker.group.sim;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.classic.ClassicGroup;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** The classic protocol; its assignments are a byte for each partition. */
final class SimClassicKind implements SimKind {
    static final SimClassicKind INSTANCE = new SimClassicKind();

    private SimClassicKind() {}

    @Override
    public GroupKind kind() {
        return GroupKind.CLASSIC;
    }

    @Override
    public Group create(String groupId) {
        return new ClassicGroup(groupId);
    }

    @Override
    public SimMember member(SimProcess process, SimPlace place) {
        return new SimClassicMember(process, place);
    }

    @Override
    public Set<Integer> held(GroupDescription.Member member) {
        return decode(member.assignment());
    }

    /** The longest rebalance timeout, and some time for ticks that come late. */
    @Override
    public long longestWaitMs() {
        return 20_000 + 1_000;
    }

    static Bytes encode(Collection<Integer> partitions) {
        byte[] bytes = new byte[partitions.size()];
        int i = 0;
        for (int partition : partitions) {
            bytes[i++] = (byte) partition;
        }
        return Bytes.of(bytes);
    }

    static Set<Integer> decode(Bytes assignment) {
        Set<Integer> partitions = new TreeSet<>();
        for (byte partition : assignment.toArray()) {
            partitions.add((int) partition);
        }
        return partitions;
    }
}
