package io.lograft.broker.group.classic;

import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.GroupReply.Joined;
import io.lograft.broker.group.GroupRequest.Assignment;
import io.lograft.broker.group.GroupRequest.CommitOffsets;
import io.lograft.broker.group.GroupRequest.Heartbeat;
import io.lograft.broker.group.GroupRequest.Join;
import io.lograft.broker.group.GroupRequest.Leave;
import io.lograft.broker.group.GroupRequest.MemberRef;
import io.lograft.broker.group.GroupRequest.OffsetCommit;
import io.lograft.broker.group.GroupRequest.Protocol;
import io.lograft.broker.group.GroupRequest.Sync;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Timeouts;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A client whose every step a test takes; it remembers its member id and generation. */
final class ClassicClient {
    private final String name;
    private final GroupHarness group;
    String memberId = "";
    String instanceId = "";
    int generation = -1;
    String protocolType = "consumer";
    List<Protocol> protocols = offer("range:01");
    Timeouts timeouts = new Timeouts(10_000, 30_000);

    ClassicClient(String name, GroupHarness group) {
        this.name = name;
        this.group = group;
    }

    /** Each as {@code name:metadata}. */
    static List<Protocol> offer(String... protocols) {
        return Arrays.stream(protocols)
                .map(each -> each.split(":", -1))
                .map(parts -> new Protocol(parts[0], bytes(parts[1])))
                .toList();
    }

    static Bytes bytes(String hex) {
        return Bytes.of(HexFormat.of().parseHex(hex));
    }

    void joined(Joined joined) {
        memberId = joined.memberId();
        generation = joined.generationId();
    }

    MemberRef ref() {
        return new MemberRef(memberId, instanceId, generation);
    }

    long join() {
        return group.send(
                new Join(
                        GroupHarness.GROUP,
                        new MemberIdentity(memberId, instanceId, name, "10.0.0.1"),
                        timeouts,
                        protocolType,
                        protocols),
                this);
    }

    /** The leader's shares each as {@code member=assignment}. */
    long sync(String... shares) {
        List<Assignment> assignments = Arrays.stream(shares)
                .map(each -> each.split("=", -1))
                .map(parts -> new Assignment(parts[0], bytes(parts[1])))
                .toList();
        return group.send(new Sync(GroupHarness.GROUP, ref(), assignments), this);
    }

    long heartbeat() {
        return group.send(new Heartbeat(GroupHarness.GROUP, ref()), this);
    }

    long leave() {
        return group.send(new Leave(GroupHarness.GROUP, ref()), this);
    }

    long commit(long offset) {
        return group.send(
                new CommitOffsets(
                        GroupHarness.GROUP, ref(), List.of(new OffsetCommit(GroupHarness.PARTITION, offset, -1, ""))),
                this);
    }
}
