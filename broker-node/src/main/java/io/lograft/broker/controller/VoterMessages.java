package io.lograft.broker.controller;

import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import java.util.Collection;
import java.util.List;

/** Voters as they travel between brokers. */
final class VoterMessages {
    private VoterMessages() {}

    /** The message for these voters, of which some stand still. */
    static io.lograft.proto.v1.VoterSet of(VoterSet voters, Collection<BrokerId> stalled) {
        return io.lograft.proto.v1.VoterSet.newBuilder()
                .setIndex(voters.index())
                .addAllVoters(voters.texts())
                .addAllStalled(stalled.stream().map(BrokerId::value).toList())
                .build();
    }

    static List<String> texts(List<Voter> voters) {
        return voters.stream().map(Voter::toString).toList();
    }

    static List<Voter> voters(List<String> texts) {
        return texts.stream().map(Voter::parse).toList();
    }
}
