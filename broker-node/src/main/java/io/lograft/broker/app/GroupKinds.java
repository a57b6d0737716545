package io.lograft.broker.app;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.classic.ClassicGroup;
import io.lograft.broker.group.consumer.ConsumerGroup;

/** Which class a kind of consumer group is. */
final class GroupKinds {
    private GroupKinds() {}

    static Group create(String groupId, GroupKind kind) {
        return switch (kind) {
            case CLASSIC -> new ClassicGroup(groupId);
            case CONSUMER -> new ConsumerGroup(groupId);
        };
    }
}
