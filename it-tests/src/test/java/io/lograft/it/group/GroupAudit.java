package io.lograft.it.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the members of a group said: who had which partition when, what was read, and what was committed. Times are those
 * of this machine's clock. Safe for use by several threads.
 */
final class GroupAudit {
    private final Map<Integer, List<Stint>> stints = new TreeMap<>();
    private final List<String> refusals = new ArrayList<>();

    /** A member's time with a partition. */
    private static final class Stint {
        private final String member;
        private final long fromMs;
        private final List<Long> offsets = new ArrayList<>();
        private final List<Long> timesMs = new ArrayList<>();
        /** The greatest offset that its member is known to have committed, -1 for none. */
        private long committed = -1;

        private long toMs = Long.MAX_VALUE;

        private Stint(String member, long fromMs) {
            this.member = member;
            this.fromMs = fromMs;
        }
    }

    /** Takes a line; see {@link MemberMain}. */
    synchronized void said(String member, String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "assigned" ->
                partitions(words)
                        .forEach(partition -> stints.computeIfAbsent(partition, p -> new ArrayList<>())
                                .add(new Stint(member, Long.parseLong(words[1]))));
            case "revoked", "lost" ->
                partitions(words).forEach(partition -> stint(member, partition).toMs = Long.parseLong(words[1]));
            case "read" -> {
                Stint stint = stint(member, Integer.parseInt(words[2]));
                stint.timesMs.add(Long.parseLong(words[1]));
                stint.offsets.add(Long.parseLong(words[3]));
            }
            case "committed" -> {
                Stint stint = stint(member, Integer.parseInt(words[1]));
                stint.committed = Math.max(stint.committed, Long.parseLong(words[2]));
            }
            case "refused" -> refusals.add(member + ": " + line);
            default -> {}
        }
    }

    private static List<Integer> partitions(String[] words) {
        List<Integer> partitions = new ArrayList<>();
        for (String number : words.length < 3 ? new String[0] : words[2].split(",")) {
            partitions.add(Integer.parseInt(number));
        }
        return partitions;
    }

    private Stint stint(String member, int partition) {
        List<Stint> all = stints.getOrDefault(partition, List.of());
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).member.equals(member)) {
                return all.get(i);
            }
        }
        throw new AssertionError(member + " reads partition " + partition + ", which it was never assigned");
    }

    /** A member was killed: it has nothing any more. */
    synchronized void killed(String member, long timeMs) {
        stints.values()
                .forEach(all -> all.stream()
                        .filter(stint -> stint.member.equals(member) && stint.toMs == Long.MAX_VALUE)
                        .forEach(stint -> stint.toMs = timeMs));
    }

    /** The partitions that a member has now. */
    synchronized Set<Integer> owned(String member) {
        Set<Integer> owned = new TreeSet<>();
        stints.forEach((partition, all) -> {
            if (all.stream().anyMatch(stint -> stint.member.equals(member) && stint.toMs == Long.MAX_VALUE)) {
                owned.add(partition);
            }
        });
        return owned;
    }

    /** When these partitions were last given to somebody, the latest of them. */
    synchronized long lastAssignedMs(Set<Integer> partitions) {
        return partitions.stream()
                .mapToLong(partition -> stints.get(partition).getLast().fromMs)
                .max()
                .orElse(0);
    }

    /** Number of times that the partition changed hands since a time. */
    synchronized long changesSince(int partition, long sinceMs) {
        return stints.get(partition).stream()
                .filter(stint -> stint.fromMs > sinceMs)
                .count();
    }

    /** The longest time from a read of the partition after {@code fromMs} to the next one, whoever reads. */
    synchronized long longestGapMs(int partition, long fromMs) {
        List<Long> times = new ArrayList<>();
        stints.get(partition).forEach(stint -> times.addAll(stint.timesMs));
        times.sort(null);
        long longest = 0;
        for (int i = 1; i < times.size(); i++) {
            if (times.get(i - 1) >= fromMs) {
                longest = Math.max(longest, times.get(i) - times.get(i - 1));
            }
        }
        return longest;
    }

    /** One behind the greatest offset that anybody read, for each partition. */
    synchronized Map<Integer, Long> readUpTo() {
        Map<Integer, Long> ends = new TreeMap<>();
        stints.forEach((partition, all) -> ends.put(
                partition,
                all.stream()
                        .filter(stint -> !stint.offsets.isEmpty())
                        .mapToLong(stint -> stint.offsets.getLast() + 1)
                        .max()
                        .orElse(0)));
        return ends;
    }

    /** Records that were read more than once. */
    synchronized long duplicateCount() {
        long count = 0;
        for (List<Stint> all : stints.values()) {
            Set<Long> seen = new TreeSet<>();
            for (Stint stint : all) {
                for (long offset : stint.offsets) {
                    count += seen.add(offset) ? 0 : 1;
                }
            }
        }
        return count;
    }

    synchronized List<String> refusals() {
        return List.copyOf(refusals);
    }

    /**
     * What is wrong: a record that nobody read, one that was read again although it was committed, a jump within a stint,
     * or two members with a partition at one time. Empty if nothing is.
     */
    synchronized List<String> faults() {
        List<String> faults = new ArrayList<>();
        stints.forEach((partition, all) -> {
            long next = 0;
            long committedUpTo = 0;
            long freeFromMs = 0;
            List<Stint> inOrder = new ArrayList<>(all);
            inOrder.sort(Comparator.comparingLong(stint -> stint.fromMs));
            for (Stint stint : inOrder) {
                String where = "partition " + partition + " at " + stint.member + ": ";
                if (stint.fromMs < freeFromMs) {
                    faults.add(where + "assigned " + (freeFromMs - stint.fromMs) + " ms before it was given up");
                }
                freeFromMs = stint.toMs == Long.MAX_VALUE ? freeFromMs : stint.toMs;
                if (!stint.offsets.isEmpty()) {
                    long first = stint.offsets.getFirst();
                    if (first > next) {
                        faults.add(where + "records " + next + " to " + (first - 1) + " were read by nobody");
                    }
                    if (first < committedUpTo) {
                        faults.add(where + "begins at " + first + ", but " + committedUpTo + " was committed");
                    }
                    for (int i = 1; i < stint.offsets.size(); i++) {
                        if (stint.offsets.get(i) != stint.offsets.get(i - 1) + 1) {
                            faults.add(where + stint.offsets.get(i) + " follows " + stint.offsets.get(i - 1));
                        }
                    }
                    next = Math.max(next, stint.offsets.getLast() + 1);
                }
                committedUpTo = Math.max(committedUpTo, stint.committed);
            }
        });
        return faults;
    }
}
