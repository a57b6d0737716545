package io.lograft.broker.controller;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The controller's memory of who lives. Nothing of it is in the log; a new controller starts anew and gives everybody
 * time to come to it. Times are monotonic milliseconds and only ever arguments.
 *
 * <pre>
 * unfenced broker           is fenced when                        until then
 * with a stream             silent for the session timeout        each message starts the time anew
 * whose stream broke        the grace is over, or nobody listens  it is probed; coming back, or an answer with its
 *                             at its port                         broker epoch, gives it the session timeout again
 * that drains, and whose    at once
 *   stream broke
 * at a new controller       session timeout after the election    as above; the former controller has only the grace,
 *                                                                 and is probed, as its Raft leadership timed out
 * </pre>
 *
 * <p>Owned by: the controller's loop. Calls need no order beyond that of time, but {@link #elected} comes first; call
 * {@link #tick} when {@link #nextDeadlineMs} is reached.
 */
public final class BrokerLiveness {
    /** Nothing is due. */
    public static final long NEVER_MS = Long.MAX_VALUE;

    /** What is known here about the process that holds a broker id. */
    public enum Holder {
        /** Nobody holds the id, or its holder is fenced. */
        NONE,
        /** Its stream is open. */
        LIVE,
        /** It is not fenced, but has no stream here (yet, or any more): ask at its port. */
        UNKNOWN
    }

    private static final class Tracked {
        private BrokerRef ref;
        private boolean isFenced;
        private boolean isDraining;
        private boolean hasStream;
        private long deadlineMs;
        private final Deque<Long> fencedAtMs = new ArrayDeque<>();

        private Tracked(BrokerRef ref) {
            this.ref = ref;
            this.isFenced = true;
        }
    }

    private final LivenessSettings settings;
    private final NavigableMap<BrokerId, Tracked> brokers = new TreeMap<>();

    public BrokerLiveness(LivenessSettings settings) {
        this.settings = settings;
    }

    /**
     * This broker became the controller. Forgets everything and gives every unfenced broker its time.
     *
     * @param formerController the broker whose Raft leadership timed out, where that is known and it is another
     */
    public void elected(
            ClusterImage image, Optional<BrokerId> formerController, long nowMs, List<LivenessEffect> effects) {
        brokers.clear();
        changed(image, nowMs);
        formerController.map(brokers::get).filter(former -> !former.isFenced).ifPresent(former -> {
            former.deadlineMs = nowMs + settings.streamGraceMs();
            effects.add(new LivenessEffect.Probe(former.ref));
        });
    }

    /** The metadata changed: follows registrations, fencing and unfencing. Cheap where no broker changed. */
    public void changed(ClusterImage image, long nowMs) {
        for (BrokerImage broker : image.brokers().values()) {
            Tracked tracked = brokers.computeIfAbsent(broker.id(), id -> new Tracked(broker.ref()));
            if (tracked.ref.epoch() != broker.epoch()) {
                tracked.ref = broker.ref();
                tracked.hasStream = false;
            }
            boolean wasFenced = tracked.isFenced;
            boolean wasDraining = tracked.isDraining;
            tracked.isFenced = broker.fenced();
            tracked.isDraining = broker.draining();
            if (wasFenced && !tracked.isFenced) {
                tracked.deadlineMs = nowMs + settings.sessionTimeoutMs();
            } else if (!wasFenced && tracked.isFenced && !wasDraining) {
                tracked.fencedAtMs.addLast(nowMs);
                forgetOldFlaps(tracked, nowMs);
            }
        }
    }

    /** The broker has a stream to this controller, under this registration (a new or a resumed one). */
    public void opened(BrokerRef broker, long nowMs) {
        Tracked tracked = brokers.computeIfAbsent(broker.id(), id -> new Tracked(broker));
        if (tracked.ref.epoch() < broker.epoch()) {
            tracked.ref = broker;
            tracked.isFenced = true;
            tracked.isDraining = false;
        }
        if (tracked.ref.equals(broker)) {
            tracked.hasStream = true;
            tracked.deadlineMs = nowMs + settings.sessionTimeoutMs();
        }
    }

    /** Something came from the broker. */
    public void heard(BrokerRef broker, long nowMs) {
        Tracked tracked = present(broker);
        if (tracked != null && tracked.hasStream) {
            tracked.deadlineMs = nowMs + settings.sessionTimeoutMs();
        }
    }

    /** The broker's stream broke. Where it has opened another since, the caller says nothing. */
    public void broke(BrokerRef broker, long nowMs, List<LivenessEffect> effects) {
        Tracked tracked = present(broker);
        if (tracked == null || !tracked.hasStream) {
            return;
        }
        tracked.hasStream = false;
        if (tracked.isFenced) {
            return;
        }
        if (tracked.isDraining) {
            tracked.deadlineMs = nowMs;
            return;
        }
        tracked.deadlineMs = Math.min(tracked.deadlineMs, nowMs + settings.streamGraceMs());
        effects.add(new LivenessEffect.Probe(broker));
    }

    /**
     * A probe was answered. Without an answer nothing needs to be said: the grace goes on.
     *
     * @param brokerEpoch the epoch of the process that answered; if it is not the one probed, that one is gone
     */
    public void answered(BrokerRef broker, long brokerEpoch, long nowMs) {
        Tracked tracked = present(broker);
        if (tracked != null && !tracked.hasStream && !tracked.isFenced) {
            tracked.deadlineMs = brokerEpoch == broker.epoch() ? nowMs + settings.sessionTimeoutMs() : nowMs;
        }
    }

    /** A probe found that nobody listens at the broker's port: its process has ended, and the grace is of no use. */
    public void absent(BrokerRef broker, long nowMs) {
        Tracked tracked = present(broker);
        if (tracked != null && !tracked.hasStream && !tracked.isFenced) {
            tracked.deadlineMs = nowMs;
        }
    }

    /** Asks for the fencing of everybody whose time is over, all in one. */
    public void tick(long nowMs, List<LivenessEffect> effects) {
        List<BrokerRef> overdue = new ArrayList<>();
        for (Tracked tracked : brokers.values()) {
            if (!tracked.isFenced && tracked.deadlineMs <= nowMs) {
                overdue.add(tracked.ref);
                tracked.deadlineMs = nowMs + settings.fenceRetryMs();
            }
        }
        if (!overdue.isEmpty()) {
            effects.add(new LivenessEffect.Fence(overdue));
        }
    }

    /** When {@link #tick} has something to do next, {@link #NEVER_MS} for not at all. */
    public long nextDeadlineMs() {
        long next = NEVER_MS;
        for (Tracked tracked : brokers.values()) {
            if (!tracked.isFenced) {
                next = Math.min(next, tracked.deadlineMs);
            }
        }
        return next;
    }

    /** How long from now a broker that asks to be unfenced has to wait, as it was fenced too often of late; else 0. */
    public long unfenceDelayMs(BrokerId broker, long nowMs) {
        Tracked tracked = brokers.get(broker);
        if (tracked == null) {
            return 0;
        }
        forgetOldFlaps(tracked, nowMs);
        int excess = tracked.fencedAtMs.size() - settings.flapsFree();
        if (excess <= 0) {
            return 0;
        }
        // 2^20 times the least delay is beyond any maximum that makes sense, and cannot overflow.
        long delayMs = Math.min(settings.unfenceDelayMaxMs(), settings.unfenceDelayMs() << Math.min(20, excess - 1));
        return Math.max(0, tracked.fencedAtMs.getLast() + delayMs - nowMs);
    }

    /** Whether another process holds the id, for a registration under it. */
    public Holder holder(BrokerId broker) {
        Tracked tracked = brokers.get(broker);
        if (tracked == null || tracked.isFenced) {
            return Holder.NONE;
        }
        return tracked.hasStream ? Holder.LIVE : Holder.UNKNOWN;
    }

    private Tracked present(BrokerRef broker) {
        Tracked tracked = brokers.get(broker.id());
        return tracked != null && tracked.ref.equals(broker) ? tracked : null;
    }

    private void forgetOldFlaps(Tracked tracked, long nowMs) {
        while (!tracked.fencedAtMs.isEmpty() && tracked.fencedAtMs.getFirst() <= nowMs - settings.flapWindowMs()) {
            tracked.fencedAtMs.removeFirst();
        }
    }
}
