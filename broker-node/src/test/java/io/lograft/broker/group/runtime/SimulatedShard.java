package io.lograft.broker.group.runtime;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.GroupShard;
import io.lograft.broker.group.TopicCatalog;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The shard that serves in brokers, over a simulated replica, for simulations in other packages. */
public final class SimulatedShard {

    /** A simulated replica. */
    public interface Replica extends GroupPartition {}

    /** A loop in simulated time. */
    public interface Loop extends GroupLoop {}

    private final CoordinatorShard shard;

    public SimulatedShard(Replica replica, Loop loop, Supplier<GroupShard> cores) {
        shard = new CoordinatorShard(replica, loop, cores);
    }

    /** As the runtime tells it. */
    public void viewChanged() {
        shard.viewChanged();
    }

    /** On the loop. */
    public void handle(GroupRequest request, CompletableFuture<Void> gone, Consumer<GroupReply> reply) {
        shard.handle(request, gone, reply);
    }

    /** On the loop. */
    public void handleAsOf(
            int leaderEpoch, GroupRequest request, CompletableFuture<Void> gone, Consumer<GroupReply> reply) {
        shard.handleAsOf(leaderEpoch, request, gone, reply);
    }

    /** On the loop. */
    public void topicsChanged(TopicCatalog topics) {
        shard.topicsChanged(topics);
    }

    /** On the loop. */
    public void list(Consumer<Collection<GroupDescription>> reply) {
        shard.list(reply);
    }

    /** On the loop. */
    public void close() {
        shard.close();
    }
}
