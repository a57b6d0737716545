package io.lograft.broker.controller;

import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.QuorumStatus;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A quorum of three voters without Raft, led by this broker: broker 3 is a voter that lags, broker 4 is silent, and broker
 * 2 has no vote yet. What is wanted of it is done at once, commands by the real rules of the metadata; one thing fails that
 * Raft may fail in, too: a hand-over.
 */
final class FuzzedQuorum implements ControllerServiceApi.Quorum {
    private static final long COMMITTED = 1_000;
    private static final List<Voter> FORMATION = List.of(voter(1), voter(3), voter(4));

    private final FuzzedMetadata metadata;
    private VoterSet voters = new VoterSet(1, FORMATION);

    FuzzedQuorum(FuzzedMetadata metadata) {
        this.metadata = metadata;
    }

    private static Voter voter(int id) {
        return Voter.parse(id + "@host-" + id + ":7401/7400#" + "0123456789abcde".repeat(2) + "0" + id);
    }

    @Override
    public boolean isController() {
        return true;
    }

    @Override
    public Optional<BrokerId> leader() {
        return Optional.of(FuzzedBroker.SELF);
    }

    @Override
    public ClusterImage image() {
        return metadata.image();
    }

    @Override
    public CompletableFuture<CommandReply> submit(MetadataCommand command) {
        return metadata.submit(command);
    }

    @Override
    public CompletableFuture<Long> barrier() {
        return CompletableFuture.completedFuture(metadata.image().index());
    }

    @Override
    public List<Voter> formation() {
        return FORMATION;
    }

    @Override
    public VoterSet voters() {
        return voters;
    }

    @Override
    public QuorumStatus status() {
        List<QuorumStatus.VoterStatus> states = new ArrayList<>();
        for (Voter voter : voters.voters()) {
            int id = voter.address().broker().value();
            long match = id == 3 ? COMMITTED / 2 : COMMITTED;
            states.add(new QuorumStatus.VoterStatus(voter, match, match, id == 4 ? -1 : 0));
        }
        return new QuorumStatus(Optional.of(FuzzedBroker.SELF), 5, COMMITTED, COMMITTED, -1, states);
    }

    @Override
    public CompletableFuture<CommandReply> setVoters(VoterSet present, List<Voter> wanted, long timeoutMs) {
        voters = new VoterSet(present.index() + 1, wanted);
        return CompletableFuture.completedFuture(CommandReply.OK);
    }

    @Override
    public CompletableFuture<CommandReply> transferTo(Voter voter, long timeoutMs) {
        return CompletableFuture.completedFuture(CommandReply.refused(
                ErrorCode.VOTER_NOT_CAUGHT_UP, "broker " + voter.address() + " did not take over"));
    }

    @Override
    public CompletableFuture<Boolean> handOver(long timeoutMs) {
        return CompletableFuture.completedFuture(timeoutMs > 1_000);
    }
}
