package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a voter with an empty directory may start, from what the other voters say. A quorum forms once, when
 * all voters named are up and empty. A voter that is empty later has forgotten its votes and acknowledged entries, and
 * is refused: one that took part in the formation would find its own directory id in the others' memory of it.
 *
 * <p>Each voter remembers one formation for good, so two different ones can never both have a majority.
 */
public final class QuorumFormation {

    /** What a voter tells of itself. {@code formation} is empty until it has formed or joined a quorum. */
    public record Report(Voter self, List<Voter> formation) {}

    /** What to do now. */
    public sealed interface Outcome {
        /** Ask again: {@code reason} says who is missing. */
        record Waiting(String reason) implements Outcome {}

        /** Start with these voters. */
        record Formed(List<Voter> voters) implements Outcome {}

        /** Never start with this directory. */
        record Refused(String reason) implements Outcome {}
    }

    private QuorumFormation() {}

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
        BrokerId broker = self.address().broker();
        for (Voter known : report.formation()) {
            if (known.address().broker().equals(broker)) {
                return known.directoryId().equals(self.directoryId())
                        ? new Outcome.Formed(report.formation())
                        : new Outcome.Refused("voter " + broker + " has an empty metadata directory (id "
                                + self.directoryId() + ") but took part in the quorum with directory "
                                + known.directoryId() + ", says voter "
                                + report.self().address().broker()
                                + ". Its votes are lost: remove this voter from the quorum and add it anew");
            }
        }
        return new Outcome.Refused("broker " + broker + " is not one of the voters " + report.formation()
                + " that voter " + report.self().address().broker() + " knows");
    }
}
