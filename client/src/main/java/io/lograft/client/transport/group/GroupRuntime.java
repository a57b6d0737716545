package io.lograft.client.transport.group;

import io.lograft.client.core.ClusterView;
import io.lograft.client.core.Failure;
import io.lograft.client.core.RetryPolicy;
import io.lograft.client.core.group.ClassicMembership;
import io.lograft.client.core.group.CommitPoint;
import io.lograft.client.core.group.GroupEffect;
import io.lograft.client.core.group.GroupEvent;
import io.lograft.client.core.group.GroupMembership;
import io.lograft.client.core.group.Membership;
import io.lograft.client.core.group.MembershipConfig;
import io.lograft.client.core.group.Subscription;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.ClientLoop;
import io.lograft.client.transport.Session;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOffsetsResponse;
import io.lograft.proto.v1.GroupServiceGrpc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Keeps one consumer in its group, whether its application is busy or not. What the application has to do about its
 * partitions goes into a queue of {@link #steps}; a partition gets there once its name and the group's offset in it are
 * known, so that one which is taken back before that never troubles the application. Public methods may be called from
 * any thread; the rest runs on the client loop.
 */
public final class GroupRuntime {
    private static final long CALL_MS = 3_000;
    private static final Failure CLOSED = new Failure(ErrorCode.UNAVAILABLE, "the consumer is closed");

    private final Session session;
    private final ClientLoop loop;
    private final GroupSettings settings;
    private final Runnable onStep;
    private final Coordinator coordinator;
    private final GroupCommits commits;
    private final Queue<GroupStep> steps = new ConcurrentLinkedQueue<>();
    private final Consumer<ClusterView> onView = this::onView;
    /** Since when the application does not poll. */
    private volatile long idleSinceMs = GroupEvent.Tick.POLLING;

    private volatile boolean isStale;

    private final Membership membership;
    /** Assigned, but not handed to the application yet. */
    private final Map<PartitionId, Arrival> arriving = new HashMap<>();

    /** Who waits for the offsets of the group. */
    private final Map<Long, CompletableFuture<Calls.Reply<Map<PartitionId, CommitPoint>>>> asking = new HashMap<>();

    private long lastAsked;

    private boolean isFetching;
    /** Counts what was taken back: offsets asked for before may be older than what comes to the same partition next. */
    private long takenBack;

    private int fetchFailures;
    private long armedMs = Long.MAX_VALUE;
    private CompletableFuture<Void> leaving = CompletableFuture.completedFuture(null);
    private boolean isClosed;

    /** What is known of the start in a partition: nothing yet, or how far the group got, null for nowhere. */
    private record Arrival(boolean isAsked, CommitPoint committed) {
        private static final Arrival UNKNOWN = new Arrival(false, null);
    }

    /** Joins nothing yet; {@code onStep} is called on the client loop when there is a new step. */
    public GroupRuntime(Session session, GroupSettings settings, Runnable onStep) {
        this.session = session;
        this.loop = session.loop();
        this.settings = settings;
        this.onStep = onStep;
        MembershipConfig config =
                new MembershipConfig(UUID.randomUUID().toString(), settings.instanceId(), settings.maxPollIntervalMs());
        this.membership = settings.isClassic()
                ? new ClassicMembership(config, settings.assignors(), ClassicWire.heartbeatMs(settings))
                : new GroupMembership(config);
        this.coordinator = new Coordinator(session, settings.groupId());
        this.commits = new GroupCommits(loop, coordinator, settings, this::sign);
        loop.execute(() -> {
            session.metadata().onChange(onView);
            onView(session.metadata().view());
        });
        session.metadata().start();
    }

    /** What the application has to do, in this order. */
    public Queue<GroupStep> steps() {
        return steps;
    }

    /** Joins the group, or reads something else from now on. */
    public void subscribe(Subscription subscription) {
        idleSinceMs = ClientLoop.nowMs(); // Until it polls: one that never does is no use to its group.
        post(new GroupEvent.Subscribed(subscription));
    }

    /** Leaves the group; completes when the coordinator knows, or cannot be told. */
    public CompletableFuture<Void> unsubscribe() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        loop.execute(() -> {
            if (isClosed) {
                left.complete(null);
                return;
            }
            arriving.clear();
            takenBack++;
            leaving = left;
            step(GroupEvent.Unsubscribed.INSTANCE);
        });
        return left;
    }

    /** The application reads these no more. */
    public void gaveUp(GroupStep.Revoked step) {
        post(new GroupEvent.GaveUp(step.stay(), step.partitions()));
    }

    /** The application is in poll. */
    public void pollStarted() {
        idleSinceMs = GroupEvent.Tick.POLLING;
        if (isStale) {
            post(GroupEvent.PollsAgain.INSTANCE);
        }
    }

    /** The application handles records. */
    public void pollEnded() {
        idleSinceMs = ClientLoop.nowMs();
    }

    /** Commits as the member that it is; completes with null once the points are durable. */
    public CompletableFuture<Failure> commit(Map<PartitionId, CommitPoint> points, long timeoutMs) {
        return commit(points, timeoutMs, true);
    }

    /** Commits for a group without members. */
    public CompletableFuture<Failure> commitFromOutside(Map<PartitionId, CommitPoint> points, long timeoutMs) {
        return commit(points, timeoutMs, false);
    }

    private CompletableFuture<Failure> commit(Map<PartitionId, CommitPoint> points, long timeoutMs, boolean asMember) {
        CompletableFuture<Failure> done = new CompletableFuture<>();
        loop.execute(() -> {
            if (isClosed) {
                done.complete(CLOSED);
            } else if (asMember && membership.memberEpoch() == Membership.NO_EPOCH) {
                done.complete(notAMember());
            } else {
                commits.add(points, ClientLoop.nowMs() + timeoutMs, done);
            }
        });
        return done;
    }

    private Failure notAMember() {
        return new Failure(
                ErrorCode.UNKNOWN_MEMBER,
                "this consumer is no member of group '" + settings.groupId()
                        + "' now, so others may read its partitions");
    }

    private CommitOffsetsRequest.Builder sign(CommitOffsetsRequest.Builder request) {
        int epoch = membership.memberEpoch();
        if (epoch == Membership.NO_EPOCH) {
            return request.setGenerationId(-1);
        }
        return request.setGenerationId(epoch)
                .setMemberId(membership.memberId())
                .setGroupInstanceId(settings.instanceId());
    }

    /** All that the group has committed. */
    public CompletableFuture<Calls.Reply<Map<PartitionId, CommitPoint>>> committed(long timeoutMs) {
        CompletableFuture<Calls.Reply<Map<PartitionId, CommitPoint>>> done = new CompletableFuture<>();
        loop.execute(() -> {
            if (isClosed) {
                done.complete(Calls.Reply.failed(CLOSED));
                return;
            }
            long number = ++lastAsked;
            asking.put(number, done);
            var unused = done.whenComplete((reply, broken) -> asking.remove(number));
            fetchCommitted(ClientLoop.nowMs() + timeoutMs, 0, done);
        });
        return done;
    }

    private void fetchCommitted(
            long deadlineMs, int failures, CompletableFuture<Calls.Reply<Map<PartitionId, CommitPoint>>> done) {
        fetchOffsets(reply -> {
            long delayMs = RetryPolicy.REQUESTS.delayMs(failures + 1);
            if (reply.failure() == null) {
                done.complete(new Calls.Reply<>(GroupWire.committed(reply.answer()), null));
            } else if (isClosed
                    || !reply.failure().code().isRetriable()
                    || ClientLoop.nowMs() + delayMs >= deadlineMs) {
                done.complete(Calls.Reply.failed(reply.failure()));
            } else {
                loop.schedule(() -> fetchCommitted(deadlineMs, failures + 1, done), delayMs);
            }
        });
    }

    private void fetchOffsets(Consumer<Calls.Reply<FetchOffsetsResponse>> done) {
        FetchOffsetsRequest request =
                FetchOffsetsRequest.newBuilder().setGroupId(settings.groupId()).build();
        coordinator.call(GroupServiceGrpc.getFetchOffsetsMethod(), request, CALL_MS, done);
    }

    /** Does nothing more, and fails what is open. Leaving comes before. */
    public void close() {
        loop.execute(() -> {
            isClosed = true;
            session.metadata().forget(onView);
            arriving.clear();
            commits.close(CLOSED);
            List.copyOf(asking.values()).forEach(done -> done.complete(Calls.Reply.failed(CLOSED)));
            leaving.complete(null);
        });
    }

    private void post(GroupEvent event) {
        loop.execute(() -> {
            if (!isClosed) {
                step(event);
            }
        });
    }

    private void step(GroupEvent event) {
        List<GroupEffect> effects = new ArrayList<>();
        int epochBefore = membership.memberEpoch();
        membership.on(event, ClientLoop.nowMs(), effects);
        if (settings.isClassic() && epochBefore != membership.memberEpoch()) {
            // Under the next generation nobody would notice that a partition is another's by now.
            commits.failAll(new Failure(ErrorCode.ILLEGAL_GENERATION, "generation " + epochBefore + " ended"));
        }
        isStale = membership.isStale();
        effects.forEach(this::execute);
        arm();
    }

    private void arm() {
        long nowMs = ClientLoop.nowMs();
        long dueMs = membership.dueMs(nowMs);
        if (dueMs < armedMs) {
            armedMs = dueMs;
            loop.schedule(() -> tick(dueMs), Math.max(1, dueMs - nowMs));
        }
    }

    private void tick(long dueMs) {
        if (armedMs == dueMs) {
            armedMs = Long.MAX_VALUE;
        }
        if (!isClosed) {
            step(new GroupEvent.Tick(idleSinceMs));
        }
    }

    private void execute(GroupEffect effect) {
        if (effect instanceof GroupEffect.Send send) {
            send(send);
        } else if (effect instanceof GroupEffect.Call call) {
            ClassicWire.call(coordinator, settings, call, this::answered);
        } else if (effect instanceof GroupEffect.Assign assign) {
            assign.partitions().forEach(partition -> arriving.put(partition, Arrival.UNKNOWN));
            fetchStarts();
        } else if (effect instanceof GroupEffect.Revoke revoke) {
            revoke(revoke);
        } else if (effect instanceof GroupEffect.Lose lose) {
            Set<PartitionId> known = new TreeSet<>(lose.partitions());
            known.removeAll(arriving.keySet());
            arriving.clear();
            takenBack++;
            commits.failAll(notAMember());
            if (!known.isEmpty()) {
                add(new GroupStep.Lost(known));
            }
        } else if (effect instanceof GroupEffect.Fail fail) {
            add(new GroupStep.Failed(fail.failure()));
        } else if (effect instanceof GroupEffect.Left) {
            leaving.complete(null);
        }
    }

    private void send(GroupEffect.Send send) {
        ConsumerHeartbeatRequest request = GroupWire.heartbeat(settings, membership.memberId(), send);
        long timeoutMs = send.maxWaitMs() + CALL_MS;
        coordinator.call(
                GroupServiceGrpc.getConsumerHeartbeatMethod(),
                request,
                timeoutMs,
                reply -> answered(
                        reply.failure() == null
                                ? GroupWire.answered(send.number(), reply.answer())
                                : new GroupEvent.Refused(send.number(), reply.failure())));
    }

    private void answered(GroupEvent event) {
        if (!isClosed) {
            step(event);
        }
    }

    private void revoke(GroupEffect.Revoke revoke) {
        Set<PartitionId> unseen = new HashSet<>(revoke.partitions());
        unseen.retainAll(arriving.keySet());
        arriving.keySet().removeAll(unseen);
        if (!unseen.isEmpty()) {
            takenBack++;
            post(new GroupEvent.GaveUp(revoke.stay(), unseen));
        }
        Set<PartitionId> known = new TreeSet<>(revoke.partitions());
        known.removeAll(unseen);
        if (!known.isEmpty()) {
            add(new GroupStep.Revoked(revoke.stay(), known));
        }
    }

    /** Asks how far the group got in the partitions that arrive. */
    private void fetchStarts() {
        Set<PartitionId> asked = new HashSet<>();
        arriving.forEach((partition, arrival) -> {
            if (!arrival.isAsked()) {
                asked.add(partition);
            }
        });
        if (isFetching || asked.isEmpty() || isClosed) {
            return;
        }
        isFetching = true;
        long takenBackBefore = takenBack;
        fetchOffsets(reply -> {
            isFetching = false;
            if (isClosed) {
                return;
            }
            if (reply.failure() != null) {
                if (!reply.failure().code().isRetriable() && steps.isEmpty()) {
                    add(new GroupStep.Failed(reply.failure()));
                }
                loop.schedule(this::fetchStarts, RetryPolicy.REQUESTS.delayMs(++fetchFailures));
                return;
            }
            fetchFailures = 0;
            if (takenBack == takenBackBefore) {
                Map<PartitionId, CommitPoint> committed = GroupWire.committed(reply.answer());
                asked.forEach(partition -> arriving.put(partition, new Arrival(true, committed.get(partition))));
                deliver(session.metadata().view());
            }
            fetchStarts();
        });
    }

    /** Hands partitions to the application whose name and start are known. */
    private void deliver(ClusterView view) {
        Map<TopicPartition, GroupStep.Start> ready = new HashMap<>();
        arriving.forEach((partition, arrival) -> {
            Optional<ClusterView.Topic> topic = view.topic(partition.topic());
            boolean isKnown = topic.isPresent()
                    && partition.partition() < topic.get().partitions().size();
            if (isKnown && arrival.isAsked()) {
                ready.put(
                        new TopicPartition(topic.get().name(), partition.partition()),
                        new GroupStep.Start(partition, arrival.committed()));
            }
        });
        if (!ready.isEmpty()) {
            ready.values().forEach(start -> arriving.remove(start.id()));
            add(new GroupStep.Assigned(ready));
        }
    }

    private void onView(ClusterView view) {
        if (settings.isClassic() && !isClosed) {
            step(new GroupEvent.ViewChanged(view));
        }
        deliver(view);
    }

    private void add(GroupStep step) {
        steps.add(step);
        onStep.run();
    }
}
