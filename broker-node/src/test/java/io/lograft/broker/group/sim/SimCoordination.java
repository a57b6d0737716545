package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import java.util.Optional;
import java.util.function.Consumer;

/** What simulated clients have for a coordinator: one for itself, or those of simulated brokers. */
public interface SimCoordination {
    /** Takes a request; {@code connection} is what {@link #abandoned} will name. */
    void receive(String from, Object connection, GroupRequest request, Consumer<GroupReply> answer);

    /** Nobody waits any more for what came by this. */
    void abandoned(Object connection);

    /** The topic has other partitions. */
    void topicsChanged();

    /** Some other coordinator takes the groups over, where that is not a matter of brokers that fail. */
    void change();

    /** The group as its coordinator has it; empty while there is no coordinator, or no such group. */
    Optional<GroupDescription> describe(String groupId);
}
