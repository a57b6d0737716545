package io.lograft.broker.app.storage;

import io.lograft.metadata.command.DirectoryId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Where a new replica goes: to the directory with the fewest bytes of replicas, of equals to that with the fewest replicas. */
final class DirectoryChoice {
    private static final Comparator<Candidate> EMPTIEST =
            Comparator.comparingLong(Candidate::sizeBytes).thenComparingInt(Candidate::replicaCount);

    /**
     * A directory that can be used.
     *
     * @param sizeBytes of all replicas that are in it
     * @param replicaCount of them, and of those that are about to be made in it
     */
    record Candidate(DirectoryId id, long sizeBytes, int replicaCount, boolean hasRoom) {}

    private DirectoryChoice() {}

    /** The emptiest that has room; where none has, the emptiest. Empty where there is none. */
    static Optional<DirectoryId> of(List<Candidate> candidates) {
        return candidates.stream()
                .filter(Candidate::hasRoom)
                .min(EMPTIEST)
                .or(() -> candidates.stream().min(EMPTIEST))
                .map(Candidate::id);
    }
}
