package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Assigned;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A member as a client has it: the epoch it knows and what it reads. Changes only by the methods called on it. */
final class Client {
    static final int SESSION_MS = 9_000;
    static final int REBALANCE_MS = 20_000;

    final String id;
    final String instanceId;
    private final Coordinator coordinator;
    Subscription subscription;
    Timeouts timeouts = new Timeouts(SESSION_MS, REBALANCE_MS);
    int epoch;
    TreeSet<PartitionId> owned = new TreeSet<>();

    private Client(Coordinator coordinator, String id, String instanceId, List<String> topics) {
        this.coordinator = coordinator;
        this.id = id;
        this.instanceId = instanceId;
        subscription = new Subscription("", topics, "");
    }

    Client(Coordinator coordinator, String id, String... topics) {
        this(coordinator, id, "", List.of(topics));
    }

    static Client withInstance(Coordinator coordinator, String id, String instanceId, String... topics) {
        return new Client(coordinator, id, instanceId, List.of(topics));
    }

    ConsumerHeartbeat heartbeat(int memberEpoch, Set<PartitionId> reads, long maxWaitMs) {
        return new ConsumerHeartbeat(
                Coordinator.GROUP,
                new MemberIdentity(id, instanceId, "client", "host"),
                memberEpoch,
                timeouts,
                subscription,
                reads,
                maxWaitMs);
    }

    Client join() {
        epoch = 0;
        owned.clear();
        take((Assigned) coordinator.call(heartbeat(0, Set.of(), 10_000)));
        return this;
    }

    /** Does at once what it is told. */
    Client beat() {
        take((Assigned) coordinator.call(heartbeat(epoch, owned, 0)));
        return this;
    }

    /** Heartbeats until it is told nothing new. */
    Client settle() {
        Set<PartitionId> before;
        int epochBefore;
        do {
            before = Set.copyOf(owned);
            epochBefore = epoch;
            beat();
        } while (epochBefore != epoch || !before.equals(owned));
        return this;
    }

    /** Begins a heartbeat that waits. */
    long poll() {
        return coordinator.send(heartbeat(epoch, owned, 60_000));
    }

    Assigned told() {
        return (Assigned) coordinator.call(heartbeat(epoch, owned, 0));
    }

    void take(Assigned answer) {
        epoch = answer.memberEpoch();
        owned = new TreeSet<>(answer.assignment());
    }

    GroupReply leave(int how) {
        return coordinator.call(heartbeat(how, Set.of(), 0));
    }

    ErrorCode refusal() {
        return ((Refused) coordinator.call(heartbeat(epoch, owned, 0))).code();
    }

    /** NONE where it was taken. */
    ErrorCode commit(PartitionId partition, long offset, int withEpoch) {
        GroupReply reply = coordinator.call(new CommitOffsets(
                Coordinator.GROUP,
                new MemberRef(id, instanceId, withEpoch),
                List.of(new OffsetCommit(partition, offset, -1, ""))));
        return switch (reply) {
            case GroupReply.Committed committed ->
                committed.results().getFirst().code();
            case Refused refused -> refused.code();
            default -> throw new AssertionError("a commit was answered with " + reply);
        };
    }
}
