package io.lograft.broker.app.storage;

import io.lograft.metadata.command.DirectoryId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where a new replica goes: to the directory that will have the fewest bytes of replicas, of equals to that with the
 * fewest replicas. A replica that has not got its records yet counts as large as those of this broker are on average;
 * else all that come at once, as when another broker is taken out, would go to one directory.
 */
final class DirectoryChoice {
    /**
     * A directory that can be used.
     *
     * @param fullBytes of the replicas that have all their records
     * @param fullCount of them
     * @param fillingBytes of each of the others that are in it
     * @param plannedCount of those that are about to be made in it
     */
    record Candidate(
            DirectoryId id, long fullBytes, int fullCount, List<Long> fillingBytes, int plannedCount, boolean hasRoom) {

        /** With so many more. */
        Candidate withPlanned(int count) {
            return new Candidate(id, fullBytes, fullCount, fillingBytes, plannedCount + count, hasRoom);
        }

        private long expectedBytes(long averageBytes) {
            long filling = fillingBytes.stream()
                    .mapToLong(bytes -> Math.max(bytes, averageBytes))
                    .sum();
            return fullBytes + filling + plannedCount * averageBytes;
        }

        private int replicaCount() {
            return fullCount + fillingBytes.size() + plannedCount;
        }
    }

    private DirectoryChoice() {}

    /** The emptiest that has room; where none has, the emptiest. Empty where there is none. */
    static Optional<DirectoryId> of(List<Candidate> candidates) {
        long average = averageBytes(candidates);
        Comparator<Candidate> emptiest = Comparator.<Candidate>comparingLong(one -> one.expectedBytes(average))
                .thenComparingInt(Candidate::replicaCount);
        return candidates.stream()
                .filter(Candidate::hasRoom)
                .min(emptiest)
                .or(() -> candidates.stream().min(emptiest))
                .map(Candidate::id);
    }

    private static long averageBytes(List<Candidate> candidates) {
        int count = candidates.stream().mapToInt(Candidate::fullCount).sum();
        long bytes = candidates.stream().mapToLong(Candidate::fullBytes).sum();
        return count == 0 ? 0 : bytes / count;
    }
}
