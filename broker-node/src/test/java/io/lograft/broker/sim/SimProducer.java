package io.lograft.broker.sim;

import io.lograft.broker.replica.Acks;
import io.lograft.broker.replica.ProduceOutcome;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.sim.world.SimWorld;
import io.lograft.broker.sim.world.SimulationFailure;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.record.BatchHeader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * An idempotent producer of one partition: several batches in flight, in order; after any failure everything that is
 * not acknowledged is sent again from the first. Where what it had an acknowledgement for is lost with the tails of all
 * replicas, it gives up what is in flight and goes on as another producer.
 */
final class SimProducer {
    private static final long REQUEST_TIMEOUT_MS = 1_500;
    /** From one producer id of a client to its next one; greater than all ids of clients. */
    private static final long INCARNATION = 100_000;

    private final SimCluster cluster;
    private final SimWorld world;
    private final int id;
    private final PartitionId partition;
    private final int inFlightMax;
    private final int idleMaxMs;
    private final ArrayDeque<Batch> inFlight = new ArrayDeque<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Map<Integer, SimNetwork.Pipe> pipes = new HashMap<>();
    private long producerId;
    private String lastAcknowledged = "";
    private int nextSequence;
    private int generation;
    private boolean resending;
    private boolean stopped;
    private boolean isGone;
    private PartitionImage known;

    /** A batch that is not acknowledged yet. */
    private record Batch(long producerId, int baseSequence, int count, String payload) {}

    SimProducer(SimCluster cluster, int id, PartitionId partition) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.id = id;
        this.producerId = id;
        this.partition = partition;
        this.inFlightMax = world.between(1, 5);
        this.idleMaxMs = world.chance(0.5) ? 10 : 100;
        this.known = cluster.partitionImage(partition).orElse(null);
        world.after(1, this::act);
    }

    void stop() {
        stopped = true;
    }

    /** Its topic was deleted. */
    void leave() {
        isGone = true;
        inFlight.clear();
    }

    boolean isDone() {
        return isGone || (stopped && inFlight.isEmpty());
    }

    private void act() {
        if (isGone) {
            return;
        }
        if (!stopped && !resending && inFlight.size() < inFlightMax) {
            int count = world.between(1, 3);
            String payload = cluster.nameOf(partition) + ":c" + producerId + "-" + nextSequence;
            Batch batch = new Batch(producerId, nextSequence, count, payload);
            nextSequence += count;
            inFlight.add(batch);
            send(batch);
        }
        if (world.chance(0.1)) {
            known = cluster.partitionImage(partition).orElse(null);
        }
        world.after(world.between(0, idleMaxMs), this::act);
    }

    private void send(Batch batch) {
        int sentIn = generation;
        world.after(REQUEST_TIMEOUT_MS, () -> {
            if (sentIn == generation && inFlight.contains(batch)) {
                sendAllAgain();
            }
        });
        if (known == null || !known.hasLeader()) {
            return;
        }
        int leader = known.leader();
        int leaderEpoch = world.chance(0.5) ? known.leaderEpoch() : -1;
        SimNetwork.Pipe pipe =
                pipes.computeIfAbsent(leader, to -> cluster.network().pipe(id, to));
        pipe.send(() -> arrive(batch, sentIn, leader, leaderEpoch));
    }

    private void arrive(Batch batch, int sentIn, int broker, int leaderEpoch) {
        SimProcess process = cluster.process(broker);
        SimReplica replica = process == null ? null : process.replica(partition);
        if (replica == null || isGone) {
            return;
        }
        SimNetwork.Pipe back = cluster.network().pipe(broker, id);
        ByteBuffer bytes = SimBatch.encode(batch.producerId(), batch.baseSequence(), batch.count(), batch.payload());
        BatchHeader header = BatchHeader.read(bytes, 0);
        replica.produce(
                new SimReplica.Request(bytes, outcome -> back.send(() -> answered(batch, sentIn, outcome))),
                requestId ->
                        new ReplicaEvent.Produced(requestId, header, Acks.ALL, world.nowMs() + 10_000, leaderEpoch));
    }

    private void answered(Batch batch, int sentIn, ProduceOutcome outcome) {
        if (isGone) {
            return;
        }
        switch (outcome) {
            case ProduceOutcome.Acknowledged done -> {
                cluster.checker().acknowledged(partition, batch.payload(), done);
                acknowledged.add(batch.payload());
                while (!inFlight.isEmpty()
                        && acknowledged.contains(inFlight.peek().payload())) {
                    lastAcknowledged = inFlight.poll().payload();
                    acknowledged.remove(lastAcknowledged);
                }
            }
            case ProduceOutcome.Refused refused -> {
                if (sentIn == generation && inFlight.contains(batch)) {
                    refused(batch, refused);
                }
            }
        }
    }

    private void refused(Batch batch, ProduceOutcome.Refused refused) {
        boolean isSequenceError = refused.code() == ErrorCode.OUT_OF_ORDER_SEQUENCE
                || refused.code() == ErrorCode.DUPLICATE_SEQUENCE
                || refused.code() == ErrorCode.UNKNOWN_PRODUCER;
        if (isSequenceError && cluster.checker().isLost(partition, lastAcknowledged)) {
            beginAnew();
            return;
        }
        if (isSequenceError ? batch.equals(inFlight.peek()) : !refused.code().isRetriable()) {
            throw new SimulationFailure("R5 or R7 broken: producer " + id + " is told " + refused + " for " + batch
                    + " though all before it is acknowledged");
        }
        sendAllAgain();
    }

    private void beginAnew() {
        world.trace(() -> "producer " + producerId + " begins anew, as " + lastAcknowledged + " is lost");
        generation++;
        inFlight.clear();
        acknowledged.clear();
        lastAcknowledged = "";
        producerId += INCARNATION;
        nextSequence = 0;
    }

    /** After a pause; answers to what was sent before count only if they are good. */
    private void sendAllAgain() {
        generation++;
        if (resending) {
            return;
        }
        resending = true;
        world.after(world.between(5, 100), () -> {
            resending = false;
            generation++;
            known = cluster.partitionImage(partition).orElse(null);
            for (Batch batch : inFlight) {
                send(batch);
            }
        });
    }
}
