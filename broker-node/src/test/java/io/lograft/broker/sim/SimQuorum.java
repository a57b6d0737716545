package io.lograft.broker.sim;

import io.lograft.broker.sim.world.SimWorld;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.UncleanElection;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The metadata quorum as its users see it: the first three brokers vote; one of those that reach a majority is the
 * controller; commands are carried out in one order by the real decisions. Its own log is taken for safe. A command that
 * was under way when the controller changed is carried out or lost, and nobody hears which.
 */
final class SimQuorum {
    private static final String CLUSTER = "sim";
    private static final int VOTERS = 3;
    private static final long CHECK_MS = 50;

    private final SimCluster cluster;
    private final SimWorld world;
    private final SimMistakenQuorum mistakes;
    private ClusterImage image = ClusterImage.empty();
    private SimController current;
    private Optional<BrokerId> former = Optional.empty();
    private int term;
    private long unhealthySinceMs = Long.MAX_VALUE;
    private long electionTimeoutMs;
    private long electedFromMs;
    private long lastCommitMs;
    private long slowUntilMs;

    SimQuorum(SimCluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world();
        this.mistakes = new SimMistakenQuorum(cluster.mutation());
        carryOut(new MetadataCommand.FormCluster(CLUSTER, 1));
        world.after(CHECK_MS, this::check);
    }

    ClusterImage image() {
        return image;
    }

    String clusterId() {
        return CLUSTER;
    }

    // ---- elections

    private void check() {
        world.after(CHECK_MS, this::check);
        if (current != null) {
            watch();
        } else if (world.nowMs() >= electedFromMs) {
            elect();
        }
    }

    private void watch() {
        if (isFit(current.host())) {
            unhealthySinceMs = Long.MAX_VALUE;
            return;
        }
        if (unhealthySinceMs == Long.MAX_VALUE) {
            unhealthySinceMs = world.nowMs();
            electionTimeoutMs = world.between(150, 600);
        }
        if (world.nowMs() - unhealthySinceMs >= electionTimeoutMs) {
            depose();
        }
    }

    /** Ends the term of the present controller, if there is one. */
    void depose() {
        if (current == null) {
            return;
        }
        SimController deposed = current;
        former = Optional.of(deposed.host().brokerId());
        current = null;
        unhealthySinceMs = Long.MAX_VALUE;
        electedFromMs = world.nowMs() + world.between(0, 500);
        world.trace(() -> deposed + " is deposed");
        // It may go on for a while without knowing.
        world.after(world.between(0, 300), deposed::deposed);
    }

    private void elect() {
        List<SimProcess> candidates = new ArrayList<>();
        for (int id = 1; id <= VOTERS; id++) {
            SimProcess process = cluster.process(id);
            if (process != null && isFit(process)) {
                candidates.add(process);
            }
        }
        if (!candidates.isEmpty()) {
            term++;
            current = new SimController(cluster, candidates.get(world.between(0, candidates.size() - 1)), term);
            current.elected(former);
        }
    }

    /** True where this process runs and reaches a majority of running voters. */
    private boolean isFit(SimProcess process) {
        if (!process.isAlive() || process.isPaused()) {
            return false;
        }
        int reached = 0;
        for (int id = 1; id <= VOTERS; id++) {
            SimProcess voter = cluster.process(id);
            boolean isReached =
                    voter != null && !voter.isPaused() && cluster.network().isUpBothWays(process.id(), id);
            reached += isReached ? 1 : 0;
        }
        return reached > VOTERS / 2;
    }

    /** The controller, null while there is none. */
    SimController current() {
        return current;
    }

    /** A controller that this process can open a session with; empty where it finds none. */
    Optional<SimController> reachableController(SimProcess seeker) {
        return Optional.ofNullable(current)
                .filter(SimController::isServing)
                .filter(found -> !found.host().isPaused())
                .filter(found ->
                        cluster.network().isUpBothWays(seeker.id(), found.host().id()));
    }

    /** Commands take up to so much longer for a while. */
    void slow(long untilMs) {
        slowUntilMs = untilMs;
    }

    // ---- commands

    /** A controller wants a command carried out; it is, in the order of submission, unless its term ends first. */
    void submit(SimController from, MetadataCommand command, Consumer<CommandReply> reply) {
        if (from != current) {
            return;
        }
        int slowness = world.nowMs() < slowUntilMs ? 400 : 4;
        lastCommitMs = Math.max(lastCommitMs, world.nowMs() + world.between(1, slowness));
        world.after(lastCommitMs - world.nowMs(), () -> commit(from, command, reply));
    }

    private void commit(SimController from, MetadataCommand command, Consumer<CommandReply> reply) {
        if (from != current) {
            if (world.chance(0.5)) {
                world.trace(() -> "carried out for " + from + ", which will not hear of it");
                carryOut(command);
            }
            return;
        }
        if (!isFit(from.host())) {
            world.after(CHECK_MS, () -> commit(from, command, reply));
            return;
        }
        CommandReply answer = carryOut(command);
        world.after(world.between(0, 2), () -> reply.accept(answer));
    }

    /** A proposal arrives a second time, late, at whoever is the controller now. */
    void lateProposal(IsrProposal proposal) {
        if (current != null) {
            current.proposeLate(proposal);
        }
    }

    /** An administrator's command; empty where there is no controller. */
    Optional<CommandReply> administer(MetadataCommand command) {
        return current == null ? Optional.empty() : Optional.of(carryOut(command));
    }

    private CommandReply carryOut(MetadataCommand command) {
        long index = image.index() + 1;
        Decision decision = mistakes.decide(image, index, command);
        List<MetadataRecord> records = decision.records();
        ClusterImage before = image;
        image = image.apply(index, records);
        world.trace(() -> "metadata " + index + ": " + command + " -> "
                + decision.reply().error() + " " + decision.reply().message() + " " + records);
        for (UncleanElection election : UncleanElection.between(before, image, Optional.of(records))) {
            cluster.checker()
                    .uncleanLeader(
                            election.partition(),
                            before.partition(election.partition()).orElseThrow(),
                            election.state());
        }
        for (MetadataRecord record : records) {
            if (record instanceof MetadataRecord.PartitionRecord partition) {
                cluster.checker().setsChanged(partition);
            }
        }
        if (!records.isEmpty() && current != null) {
            current.changed(image);
        }
        return decision.reply();
    }
}
