package io.lograft.broker.controller;

import io.grpc.ManagedChannel;
import io.lograft.broker.fuzz.AnsweringChannel;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedLoop;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.Voter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Changes of the voters, from the bytes to the rules about them and what is asked of Raft, and a broker that is to become
 * one: messages that each follow two bytes with their size, of which the first is what another broker answers when it is
 * asked to get ready, and the others are calls. See {@link FuzzedService} and {@link FuzzedQuorum}.
 */
public final class QuorumRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final int CALLS_MAX = 50;

    private QuorumRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<byte[]> messages = FuzzedService.split(input);
        if (messages.isEmpty()) {
            return;
        }
        Optional<ManagedChannel> other = Optional.of(new AnsweringChannel(messages.get(0)));
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedLoop loop = new FuzzedLoop()) {
                FuzzedMetadata metadata = new FuzzedMetadata();
                FuzzedQuorum quorum = new FuzzedQuorum(metadata);
                QuorumServiceApi service = new QuorumServiceApi(
                        FuzzedBroker.SELF,
                        loop.loop(),
                        new VoterChanges(FuzzedBroker.SELF, loop.loop(), broker -> other, metadata::image),
                        new QuorumCare(loop.loop(), message -> {}),
                        () -> Optional.of(quorum),
                        QuorumRequestFuzz::prepare);
                FuzzedService calls = new FuzzedService(service.bindService(), loop::settle);
                messages.stream().skip(1).limit(CALLS_MAX).forEach(calls::call);
            }
        });
    }

    /** The formation is remembered as text, and names the Raft group, so it has to be one. */
    private static CompletableFuture<Voter> prepare(List<Voter> formation) {
        List<String> texts = VoterMessages.texts(formation);
        FuzzChecks.check(QuorumFormation.parse(texts).equals(formation), "another formation is read from " + texts);
        FuzzChecks.check(
                formation.stream().map(Voter::raftId).distinct().count() == formation.size(), "twins in " + texts);
        for (String text : texts) {
            FuzzChecks.check(
                    text.chars().noneMatch(c -> c == ',' || c == '\\' || Character.isISOControl(c)),
                    "cannot be written to a file: " + text);
        }
        return CompletableFuture.completedFuture(formation.get(0));
    }
}
