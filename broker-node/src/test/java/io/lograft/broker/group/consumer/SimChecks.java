package io.lograft.broker.group.consumer;

import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRecord.HeldPartition;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What must be so at every moment. */
final class SimChecks {
    private final SimWorld world;
    private final List<SimClient> clients = new ArrayList<>();
    private final Map<PartitionId, Long> committed = new HashMap<>();
    private final Map<String, GroupRecord.ConsumerMemberState> members = new HashMap<>();
    private int revoked;
    private int commits;

    SimChecks(SimWorld world) {
        this.world = world;
    }

    void add(SimClient client) {
        clients.add(client);
    }

    List<SimClient> clients() {
        return clients;
    }

    void that(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            fail(otherwise.get());
        }
    }

    void fail(String what) {
        throw new AssertionError("at " + world.nowMs() + " ms: " + what);
    }

    /** No partition is read by two members at a time. */
    void begins(SimClient client, PartitionId partition) {
        for (SimClient other : clients) {
            boolean isReading = other != client && !other.isRemoved && other.reads.containsKey(partition);
            that(!isReading, () -> client.id + " begins to read " + partition + " while " + other.id + " reads it");
        }
    }

    void committed(List<GroupRecord> records) {
        for (GroupRecord record : records) {
            switch (record) {
                case GroupRecord.Offset offset -> offset(offset);
                case GroupRecord.ConsumerMember member -> member(member);
                default -> {}
            }
        }
    }

    /** Committed offsets never go back. */
    private void offset(GroupRecord.Offset record) {
        record.committed().ifPresent(now -> {
            commits++;
            Long before = committed.put(record.partition(), now.offset());
            that(
                    before == null || before <= now.offset(),
                    () -> record.partition() + " goes back from " + before + " to " + now.offset());
        });
    }

    private void member(GroupRecord.ConsumerMember record) {
        GroupRecord.ConsumerMemberState before = record.state().isPresent()
                ? members.put(record.memberId(), record.state().get())
                : members.remove(record.memberId());
        if (record.state().isEmpty()) {
            clients.stream()
                    .filter(client -> client.id.equals(record.memberId()) && client.epoch() > 0)
                    .forEach(client -> client.isRemoved = true);
        } else if (before != null) {
            record.state().get().holdings().revoking().stream()
                    .map(HeldPartition::partition)
                    .filter(partition -> before.holdings().assigned().stream()
                            .anyMatch(held -> held.partition().equals(partition)))
                    .forEach(partition -> revoked++);
        }
    }

    /** How many partitions members were told to give up. */
    int revoked() {
        return revoked;
    }

    int commits() {
        return commits;
    }
}
