package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a voter with an empty directory may start, from what the other voters say. A quorum forms once, when
 * all voters named are up and empty. A voter that is empty later has forgotten its votes and acknowledged entries, and
 * stays outside until an operator adds it as another: one that took part in the formation would find its own directory id
 * in the others' memory of it.
 *
 * <p>Each voter remembers one formation for good, so two different ones can never both have a majority.
 */
public final class QuorumFormation {

    /**
     * What a voter tells of itself.
     *
     * @param formation empty until it has formed or joined a quorum
     * @param voters the present members as far as it knows; empty where it knows nothing
     */
    public record Report(Voter self, List<Voter> formation, List<Voter> voters) {}

    /** What to do now. */
    public sealed interface Outcome {
        /** Ask again: {@code reason} says who is missing. */
        record Waiting(String reason) implements Outcome {}

        /** Start with these voters. */
        record Formed(List<Voter> voters) implements Outcome {}

        /** Do not vote with this directory; {@code reason} says why, and what an operator can do. */
        record Outside(String reason) implements Outcome {}
    }

    private QuorumFormation() {}

    /**
     * Reads the voters that a quorum was formed of, in any order; throws IllegalArgumentException where they are none, or
     * one broker is among them twice.
     */
    public static List<Voter> parse(List<String> texts) {
        List<Voter> voters = Voter.sorted(texts.stream().map(Voter::parse).toList());
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("a quorum is formed of at least one voter");
        }
        for (int i = 1; i < voters.size(); i++) {
            BrokerId broker = voters.get(i).address().broker();
            if (broker.equals(voters.get(i - 1).address().broker())) {
                throw new IllegalArgumentException("broker " + broker + " is named twice in a formation");
            }
        }
        return voters;
    }

    /**
     * Pure.
     *
     * @param configured the voters as this one is configured, itself included
     * @param reports what other voters answered so far
     */
    public static Outcome decide(Voter self, List<VoterAddress> configured, Map<BrokerId, Report> reports) {
        for (Report report : reports.values().stream()
                .sorted(Comparator.comparing(r -> r.self().address().broker()))
                .toList()) {
            if (!report.formation().isEmpty()) {
                return join(self, report);
            }
        }
        List<Voter> voters = new ArrayList<>(List.of(self));
        List<BrokerId> missing = new ArrayList<>();
        for (VoterAddress address : configured) {
            if (address.broker().equals(self.address().broker())) {
                continue;
            }
            Report report = reports.get(address.broker());
            if (report == null) {
                missing.add(address.broker());
            } else {
                voters.add(new Voter(address, report.self().directoryId()));
            }
        }
        return missing.isEmpty()
                ? new Outcome.Formed(Voter.sorted(voters))
                : new Outcome.Waiting("the quorum forms once all voters are up; no answer yet from " + missing);
    }

    private static Outcome join(Voter self, Report report) {
        if (report.formation().stream().anyMatch(self::isSameMember)) {
            return new Outcome.Formed(report.formation());
        }
        BrokerId broker = self.address().broker();
        BrokerId teller = report.self().address().broker();
        List<Voter> known = report.voters().isEmpty() ? report.formation() : report.voters();
        for (Voter voter : known) {
            if (voter.address().broker().equals(broker)) {
                return new Outcome.Outside("broker " + broker + " votes under directory " + voter.directoryId()
                        + ", says voter " + teller + ", but its metadata directory is a new one, " + self.directoryId()
                        + ": the former one's votes are lost. " + replacement(broker));
            }
        }
        return new Outcome.Outside("broker " + broker + " is not one of the voters, says voter " + teller
                + "; to make it one: lograft metadata add-voter " + broker);
    }

    /** What an operator does for a voter that has lost its directory. */
    public static String replacement(BrokerId broker) {
        return "To replace it: lograft metadata remove-voter " + broker + ", then lograft metadata add-voter " + broker;
    }
}
