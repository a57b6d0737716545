package io.lograft.client.transport.group;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.lograft.client.assign.ConsumerProtocol;
import io.lograft.client.assign.MemberSubscription;
import io.lograft.client.core.Failure;
import io.lograft.client.core.group.ClassicCall;
import io.lograft.client.core.group.GroupEffect;
import io.lograft.client.core.group.GroupEvent;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.GroupProtocol;
import io.lograft.proto.v1.GroupServiceGrpc;
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.JoinGroupResponse;
import io.lograft.proto.v1.LeaveGroupRequest;
import io.lograft.proto.v1.MemberAssignment;
import io.lograft.proto.v1.SyncGroupRequest;
import io.lograft.proto.v1.SyncGroupResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls of the classic protocol, from and to what the core knows. */
final class ClassicWire {
    private static final int SESSION_MS_DEFAULT = 10_000;
    private static final int REBALANCE_MS_DEFAULT = 60_000;
    private static final long HEARTBEAT_MS_MAX = 1_000;
    private static final long CALL_MS = 3_000;

    private ClassicWire() {}

    /** A rebalance waits for the heartbeats of all members, so these come more often than the session needs. */
    static long heartbeatMs(GroupSettings settings) {
        return Math.max(1, Math.min(HEARTBEAT_MS_MAX, sessionMs(settings) / 3));
    }

    private static int sessionMs(GroupSettings settings) {
        return settings.sessionTimeoutMs() == 0 ? SESSION_MS_DEFAULT : settings.sessionTimeoutMs();
    }

    private static int rebalanceMs(GroupSettings settings) {
        return settings.rebalanceTimeoutMs() == 0 ? REBALANCE_MS_DEFAULT : settings.rebalanceTimeoutMs();
    }

    /** Makes a call; {@code done} gets the event that it ends with. */
    static void call(
            Coordinator coordinator, GroupSettings settings, GroupEffect.Call effect, Consumer<GroupEvent> done) {
        long number = effect.number();
        Caller caller = new Caller(coordinator, number, done);
        // The coordinator answers late on purpose: once all members have joined, or the leader has assigned.
        long patientMs = rebalanceMs(settings) + CALL_MS;
        if (effect.call() instanceof ClassicCall.Join join) {
            caller.call(
                    GroupServiceGrpc.getJoinGroupMethod(),
                    request(settings, join),
                    patientMs,
                    answer -> joined(number, answer));
        } else if (effect.call() instanceof ClassicCall.Sync sync) {
            caller.call(
                    GroupServiceGrpc.getSyncGroupMethod(),
                    request(settings, sync),
                    patientMs,
                    answer -> synced(number, answer));
        } else if (effect.call() instanceof ClassicCall.Heartbeat heartbeat) {
            HeartbeatRequest request = HeartbeatRequest.newBuilder()
                    .setGroupId(settings.groupId())
                    .setGenerationId(heartbeat.generation())
                    .setMemberId(heartbeat.memberId())
                    .setGroupInstanceId(settings.instanceId())
                    .build();
            caller.call(
                    GroupServiceGrpc.getHeartbeatMethod(), request, CALL_MS, answer -> new GroupEvent.Heard(number));
        } else if (effect.call() instanceof ClassicCall.Leave leave) {
            LeaveGroupRequest request = LeaveGroupRequest.newBuilder()
                    .setGroupId(settings.groupId())
                    .setMemberId(leave.memberId())
                    .setGroupInstanceId(settings.instanceId())
                    .build();
            caller.call(
                    GroupServiceGrpc.getLeaveGroupMethod(), request, CALL_MS, answer -> new GroupEvent.Heard(number));
        }
    }

    /** Calls that end with an event of one number. */
    private record Caller(Coordinator coordinator, long number, Consumer<GroupEvent> done) {

        private <Q, R> void call(
                MethodDescriptor<Q, R> method, Q request, long timeoutMs, Function<R, GroupEvent> answered) {
            coordinator.call(method, request, timeoutMs, reply -> {
                if (reply.failure() != null) {
                    done.accept(new GroupEvent.Refused(number, reply.failure()));
                    return;
                }
                GroupEvent event;
                try {
                    event = answered.apply(reply.answer());
                } catch (IllegalArgumentException e) {
                    // Bytes of another member, which the coordinator does not look into.
                    event = new GroupEvent.Refused(
                            number, new Failure(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, e.getMessage()));
                }
                done.accept(event);
            });
        }
    }

    private static JoinGroupRequest request(GroupSettings settings, ClassicCall.Join join) {
        JoinGroupRequest.Builder request = JoinGroupRequest.newBuilder()
                .setGroupId(settings.groupId())
                .setSessionTimeoutMs(sessionMs(settings))
                .setRebalanceTimeoutMs(rebalanceMs(settings))
                .setMemberId(join.memberId())
                .setGroupInstanceId(settings.instanceId())
                .setProtocolType("consumer")
                .setClientId(settings.clientId());
        ByteString metadata = ByteString.copyFrom(ConsumerProtocol.subscription(join.subscription()));
        join.assignors()
                .forEach(name -> request.addProtocols(
                        GroupProtocol.newBuilder().setName(name).setMetadata(metadata)));
        return request.build();
    }

    private static GroupEvent.Joined joined(long number, JoinGroupResponse answer) {
        Map<String, MemberSubscription> members = new HashMap<>();
        answer.getMembersList().forEach(member -> {
            MemberSubscription told =
                    ConsumerProtocol.subscription(member.getMetadata().toByteArray());
            members.put(
                    member.getMemberId(),
                    member.getGroupInstanceId().isEmpty() ? told : told.withInstanceId(member.getGroupInstanceId()));
        });
        return new GroupEvent.Joined(
                number,
                answer.getGenerationId(),
                answer.getProtocolName(),
                answer.getMemberId(),
                answer.getLeaderId(),
                members,
                answer.getSkipAssignment());
    }

    private static SyncGroupRequest request(GroupSettings settings, ClassicCall.Sync sync) {
        SyncGroupRequest.Builder request = SyncGroupRequest.newBuilder()
                .setGroupId(settings.groupId())
                .setGenerationId(sync.generation())
                .setMemberId(sync.memberId())
                .setGroupInstanceId(settings.instanceId());
        sync.assignments()
                .forEach((member, partitions) -> request.addAssignments(MemberAssignment.newBuilder()
                        .setMemberId(member)
                        .setAssignment(ByteString.copyFrom(ConsumerProtocol.assignment(partitions)))));
        return request.build();
    }

    private static GroupEvent.Synced synced(long number, SyncGroupResponse answer) {
        return new GroupEvent.Synced(
                number, ConsumerProtocol.assignment(answer.getAssignment().toByteArray()));
    }
}
