package io.lograft.broker.group.sim;

import io.lograft.broker.group.CommittedOffset;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.CommitResult;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.FetchOffsets;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Reads what its member has: begins where the group has committed, goes on by a few records now and then, and commits
 * that, one commit at a time. Members of both kinds have one.
 */
final class SimReader {
    private static final long TIMEOUT_MS = 2_000;

    private final SimProcess process;
    private final String groupId;
    private final Consumer<ErrorCode> fenced;
    private final TreeMap<Integer, Long> positions = new TreeMap<>();
    private final TreeSet<Integer> assigned = new TreeSet<>();
    private MemberRef member = MemberRef.NOBODY;
    private long assignment;
    private boolean isCommitting;
    /** What was to be committed meanwhile: two commits under way could arrive the other way round. */
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    /** {@code fenced} is told when a commit was refused because the member may not commit any more. */
    SimReader(SimProcess process, String groupId, Consumer<ErrorCode> fenced) {
        this.process = process;
        this.groupId = groupId;
        this.fenced = fenced;
    }

    void start() {
        process.after(process.world().between(200, 1_500), () -> {
            read();
            start();
        });
    }

    Set<Integer> partitions() {
        return new TreeSet<>(assigned);
    }

    /** True where it knows the positions of all that it has. */
    boolean isReady() {
        return positions.keySet().equals(assigned);
    }

    /** The member has these now; it goes on with those that it had already, and {@code as} speaks for it. */
    void assign(MemberRef as, Set<Integer> partitions) {
        member = as;
        assignment++;
        assigned.clear();
        assigned.addAll(partitions);
        positions.keySet().retainAll(partitions);
        if (!isReady()) {
            fetch(assignment);
        }
    }

    /** The member has nothing any more. */
    void release() {
        assign(MemberRef.NOBODY, Set.of());
    }

    private void fetch(long forAssignment) {
        Map<Integer, Long> before = new HashMap<>();
        assigned.forEach(partition -> before.put(partition, process.checker().committed(groupId, partition)));
        process.send(new FetchOffsets(groupId), TIMEOUT_MS, reply -> {
            if (forAssignment != assignment) {
                return;
            }
            if (!(reply instanceof GroupReply.Offsets offsets)) {
                process.after(200, () -> {
                    if (forAssignment == assignment) {
                        fetch(forAssignment);
                    }
                });
                return;
            }
            for (int partition : assigned) {
                CommittedOffset committed = offsets.offsets().get(SimTopic.partition(partition));
                long offset = committed == null ? 0 : committed.offset();
                process.checker().fetched(groupId, partition, offset, before.get(partition));
                positions.putIfAbsent(partition, offset);
            }
        });
    }

    private void read() {
        positions.replaceAll((partition, position) -> position + process.world().between(0, 5));
        if (!isCommitting) {
            commit(() -> {});
        }
    }

    /** Commits what was read, after the commit that is under way; {@code then} once that is answered, or cannot be. */
    void commit(Runnable then) {
        if (isCommitting) {
            waiting.add(() -> commit(then));
            return;
        }
        List<OffsetCommit> offsets = new ArrayList<>();
        positions.forEach((partition, position) ->
                offsets.add(new OffsetCommit(SimTopic.partition(partition), position, -1, "")));
        if (offsets.isEmpty()) {
            then.run();
            return;
        }
        isCommitting = true;
        long ofAssignment = assignment;
        process.send(new CommitOffsets(groupId, member, offsets), TIMEOUT_MS, reply -> {
            isCommitting = false;
            committed(reply, offsets, ofAssignment);
            then.run();
            while (!isCommitting && !waiting.isEmpty()) {
                waiting.poll().run();
            }
        });
    }

    private void committed(GroupReply reply, List<OffsetCommit> offsets, long ofAssignment) {
        if (reply instanceof GroupReply.Committed committed) {
            for (int i = 0; i < offsets.size(); i++) {
                CommitResult result = committed.results().get(i);
                if (result.code() == ErrorCode.NONE) {
                    process.checker()
                            .acknowledged(
                                    groupId,
                                    offsets.get(i).partition().partition(),
                                    offsets.get(i).offset());
                }
            }
            return;
        }
        ErrorCode code = ((GroupReply.Refused) reply).code();
        switch (code) {
            case REQUEST_TIMED_OUT, UNAVAILABLE, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, REBALANCE_IN_PROGRESS -> {}
            case UNKNOWN_MEMBER, ILLEGAL_GENERATION, FENCED_INSTANCE_ID -> {
                if (ofAssignment == assignment) {
                    release();
                    fenced.accept(code);
                }
            }
            default -> throw new SimulationFailure("broken: a commit was refused with " + reply);
        }
    }
}
