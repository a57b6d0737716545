package io.lograft.broker.group.sim;

import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.GroupReply.Refused;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A client process with its connection, which keeps requests in order. Can be killed, and stopped for a while. */
final class SimProcess {
    private final String name;
    private final SimGroupClients groups;
    private final SimWorld world;
    private boolean isDead;
    private long pausedUntilMs;
    private long lastDeliveryMs;
    /** Sent and not answered. */
    private final List<Call> calls = new ArrayList<>();

    SimProcess(String name, SimGroupClients groups) {
        this.name = name;
        this.groups = groups;
        this.world = groups.world();
    }

    String name() {
        return name;
    }

    SimWorld world() {
        return world;
    }

    GroupChecker checker() {
        return groups.checker();
    }

    /** As the metadata have it now. */
    int partitionCount() {
        return groups.topic().partitionCount();
    }

    SimTopic topic() {
        return groups.topic();
    }

    boolean isAlive() {
        return !isDead;
    }

    /** Nothing of it is carried out any more; what it has sent is on its way. */
    void die(String why) {
        if (!isDead) {
            world.trace(() -> name + " dies: " + why);
            isDead = true;
            List.copyOf(calls).forEach(this::abandon);
        }
    }

    /** Carries out nothing for so long, and then everything that was due. */
    void pause(long ms) {
        pausedUntilMs = Math.max(pausedUntilMs, world.nowMs() + ms);
    }

    void resume() {
        pausedUntilMs = 0;
    }

    void after(long delayMs, Runnable action) {
        world.after(delayMs, () -> run(action));
    }

    private void run(Runnable action) {
        if (isDead) {
            return;
        }
        if (pausedUntilMs > world.nowMs()) {
            // Looked at again and again, because a pause may end early.
            world.after(Math.min(100, pausedUntilMs - world.nowMs()), () -> run(action));
        } else {
            action.run();
        }
    }

    /** {@code then} gets one answer: the coordinator's, or {@link ErrorCode#REQUEST_TIMED_OUT}. */
    void send(GroupRequest request, long timeoutMs, Consumer<GroupReply> then) {
        Call call = new Call(then);
        after(timeoutMs, () -> {
            abandon(call);
            call.finish(new Refused(ErrorCode.REQUEST_TIMED_OUT, "the simulated client gave up"));
        });
        if (groups.losesMessage()) {
            return;
        }
        calls.add(call);
        lastDeliveryMs = Math.max(lastDeliveryMs, world.nowMs() + groups.delayMs());
        world.after(
                lastDeliveryMs - world.nowMs(),
                () -> groups.coordination().receive(name, call, request, reply -> {
                    calls.remove(call);
                    if (!groups.losesMessage()) {
                        after(groups.delayMs(), () -> call.finish(reply));
                    }
                }));
    }

    /** The coordinator does not always notice. */
    private void abandon(Call call) {
        if (calls.remove(call) && world.chance(0.5)) {
            world.after(groups.delayMs(), () -> groups.coordination().abandoned(call));
        }
    }

    /** A request of which the first answer counts. */
    private static final class Call {
        private final Consumer<GroupReply> then;
        private boolean isFinished;

        Call(Consumer<GroupReply> then) {
            this.then = then;
        }

        void finish(GroupReply reply) {
            if (!isFinished) {
                isFinished = true;
                then.accept(reply);
            }
        }
    }
}
