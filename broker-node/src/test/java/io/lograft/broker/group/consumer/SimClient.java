package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Assigned;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.ConsumerHeartbeat;
import io.lograft.broker.group.GroupRequest.FetchOffsets;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A member that does what a client should: reads what it was told, commits before it gives up, loses all when it is
 * refused, and sends again what was not answered.
 */
final class SimClient {
    static final int SESSION_MS_MAX = 6_000;
    /** Longer than a commit and its answer can be under way, so that no commit arrives after a later one. */
    private static final long COMMIT_TIMEOUT_MS = 8_000;

    final String id;
    final String instanceId;
    final SortedMap<PartitionId, Reading> reads = new TreeMap<>();
    Subscription subscription;
    /** The coordinator has removed it, and it does not know yet; what it reads does not count. */
    boolean isRemoved;

    boolean isAlive = true;
    boolean isSlow;
    private final SimWorld world;
    private final SimCoordinator coordinator;
    private final SimChecks checks;
    private final Timeouts timeouts;
    private int epoch;
    private long lastRequest;
    private boolean isCommitting;

    /** A partition from the moment that the client was told of it. */
    static final class Reading {
        long position = -1;
        boolean isToEnd;
    }

    SimClient(SimWorld world, SimCoordinator coordinator, SimChecks checks, String id, String instanceId) {
        this.world = world;
        this.coordinator = coordinator;
        this.checks = checks;
        this.id = id;
        this.instanceId = instanceId;
        timeouts = new Timeouts((int) world.between(3_000, SESSION_MS_MAX), (int) world.between(4_000, 6_000));
    }

    void start() {
        heartbeat();
        work();
    }

    private void heartbeat() {
        if (!isAlive) {
            return;
        }
        lastRequest++;
        long number = lastRequest;
        long maxWaitMs = world.oneIn(3) ? 0 : world.between(100, 5_000);
        send(epoch, Set.copyOf(reads.keySet()), maxWaitMs, reply -> {
            if (isAlive && number == lastRequest) {
                lastRequest++;
                take(reply);
            }
        });
        world.in(maxWaitMs + world.between(100, 4_000), () -> {
            if (isAlive && number == lastRequest) {
                heartbeat();
            }
        });
    }

    private void send(int memberEpoch, Set<PartitionId> owned, long maxWaitMs, Consumer<GroupReply> taker) {
        coordinator.request(
                new ConsumerHeartbeat(
                        SimGroup.GROUP,
                        new MemberIdentity(id, instanceId, "client", "host"),
                        memberEpoch,
                        timeouts,
                        subscription,
                        owned,
                        maxWaitMs),
                taker);
    }

    private void take(GroupReply reply) {
        switch (reply) {
            case Assigned assigned -> assigned(assigned);
            case Refused refused -> refused(refused);
            default -> checks.fail(id + " got " + reply);
        }
    }

    private void assigned(Assigned assigned) {
        checks.that(assigned.memberEpoch() >= epoch, () -> id + " falls from epoch " + epoch + " to " + assigned);
        epoch = assigned.memberEpoch();
        reads.forEach((partition, reading) -> {
            if (!assigned.assignment().contains(partition) && !reading.isToEnd) {
                reading.isToEnd = true;
                world.in(isSlow ? world.between(0, 9_000) : world.between(0, 300), () -> giveUp(partition, reading));
            }
        });
        for (PartitionId partition : new TreeSet<>(assigned.assignment())) {
            if (!reads.containsKey(partition)) {
                Reading reading = new Reading();
                reads.put(partition, reading);
                checks.begins(this, partition);
                position(partition, reading);
            }
        }
        boolean isEnding = reads.values().stream().anyMatch(reading -> reading.isToEnd);
        world.in(isEnding ? 200 : world.between(0, assigned.heartbeatIntervalMs()), () -> nextHeartbeat(epoch));
    }

    /** Another may be under way already. */
    private void nextHeartbeat(int ofEpoch) {
        if (ofEpoch == epoch && lastRequest >= 0) {
            heartbeat();
        }
    }

    private void position(PartitionId partition, Reading reading) {
        coordinator.request(new FetchOffsets(SimGroup.GROUP), reply -> {
            if (reads.get(partition) == reading && reply instanceof GroupReply.Offsets offsets) {
                var committed = offsets.offsets().get(partition);
                reading.position = committed == null ? 0 : committed.offset();
            }
        });
        world.in(5_000, () -> {
            if (reads.get(partition) == reading && reading.position < 0) {
                position(partition, reading);
            }
        });
    }

    private void giveUp(PartitionId partition, Reading reading) {
        if (!isAlive || reads.get(partition) != reading) {
            return;
        }
        if (reading.position < 0) {
            end(partition, reading);
        } else if (isCommitting) {
            world.in(20, () -> giveUp(partition, reading));
        } else {
            commit(List.of(partition), () -> end(partition, reading));
        }
    }

    private void end(PartitionId partition, Reading reading) {
        if (isAlive && reads.get(partition) == reading) {
            reads.remove(partition);
            heartbeat();
        }
    }

    private void commit(List<PartitionId> partitions, Runnable done) {
        isCommitting = true;
        boolean[] isDone = {false};
        Runnable once = () -> {
            if (!isDone[0]) {
                isDone[0] = true;
                isCommitting = false;
                done.run();
            }
        };
        List<OffsetCommit> offsets = new ArrayList<>();
        partitions.forEach(
                partition -> offsets.add(new OffsetCommit(partition, reads.get(partition).position, -1, "")));
        coordinator.request(
                new CommitOffsets(SimGroup.GROUP, new MemberRef(id, instanceId, epoch), offsets), reply -> once.run());
        world.in(COMMIT_TIMEOUT_MS, once);
    }

    private void refused(Refused refused) {
        if (refused.code() == ErrorCode.NOT_COORDINATOR) {
            world.in(50, this::heartbeat);
            return;
        }
        if (refused.code() == ErrorCode.FENCED_INSTANCE_ID && epoch != 0) {
            stop();
            return;
        }
        checks.that(
                refused.code() == ErrorCode.UNKNOWN_MEMBER
                        || refused.code() == ErrorCode.ILLEGAL_GENERATION
                        || refused.code() == ErrorCode.FENCED_INSTANCE_ID,
                () -> id + " was refused: " + refused);
        loseAll();
        world.in(world.between(1, 500), this::heartbeat);
    }

    private void loseAll() {
        reads.clear();
        epoch = 0;
        isRemoved = false;
    }

    private void work() {
        if (!isAlive) {
            return;
        }
        List<PartitionId> positioned = new ArrayList<>();
        reads.forEach((partition, reading) -> {
            if (reading.position >= 0) {
                reading.position += world.between(0, 10);
                positioned.add(partition);
            }
        });
        if (!isCommitting && !positioned.isEmpty() && world.oneIn(4)) {
            commit(positioned, () -> {});
        }
        world.in(world.between(50, 200), this::work);
    }

    void subscribe(Subscription next) {
        subscription = next;
    }

    /** Without a word. */
    void stop() {
        isAlive = false;
        reads.clear();
    }

    void leave(int how) {
        stop();
        send(how, Set.of(), 0, reply -> {});
    }

    int epoch() {
        return epoch;
    }
}
