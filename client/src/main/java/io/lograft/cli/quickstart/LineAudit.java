package io.lograft.cli.quickstart;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares what was read back with the lines of a file: each exactly once, unchanged, and those of a key in the order in
 * which they were written; what a killed member had read may come a second time. Not thread-safe.
 */
final class LineAudit {
    private static final int EXAMPLES_MAX = 5;

    private final List<String> lines;
    private final int[] timesRead;
    private final Map<String, Integer> lastOfKey = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final BitSet wasReadByTheOther = new BitSet();
    private int faultCount;
    private int readCount;
    private int againCount;

    LineAudit(List<String> lines) {
        this.lines = List.copyOf(lines);
        this.timesRead = new int[lines.size()];
    }

    /**
     * Takes one record, in the order in which its partition was read.
     *
     * @param number line number that the record carries, from 0
     * @param key its key
     * @param line its value
     * @param isOfTheOther read by the member that is killed: what it had not committed is read again
     */
    void read(int number, Optional<String> key, String line, boolean isOfTheOther) {
        if (number < 0 || number >= lines.size()) {
            fault("a record says that it is line " + (number + 1) + " of " + lines.size());
            return;
        }
        if (!lines.get(number).equals(line)) {
            fault("line " + (number + 1) + " came back changed");
        }
        timesRead[number]++;
        if (timesRead[number] == 2 && wasReadByTheOther.get(number) && !isOfTheOther) {
            againCount++;
            return;
        }
        if (timesRead[number] > 1) {
            fault("line " + (number + 1) + " came back " + timesRead[number] + " times");
            return;
        }
        readCount++;
        if (isOfTheOther) {
            wasReadByTheOther.set(number);
        }
        if (key.isPresent()) {
            Integer before = lastOfKey.put(key.get(), number);
            if (before != null && before > number) {
                fault("key " + key.get() + ": line " + (number + 1) + " came after line " + (before + 1));
            }
        }
    }

    boolean hasTheOtherRead() {
        return !wasReadByTheOther.isEmpty();
    }

    /** Lines that the killed member had read and not committed, so that they were read again. */
    int againCount() {
        return againCount;
    }

    int missingCount() {
        return lines.size() - readCount;
    }

    /** Number of different keys that were read. */
    int keyCount() {
        return lastOfKey.size();
    }

    /** What is wrong, some examples of it; empty if nothing is. To be asked once everything was read. */
    List<String> verdict() {
        int missing = 0;
        int first = -1;
        for (int number = 0; number < timesRead.length; number++) {
            if (timesRead[number] == 0) {
                missing++;
                first = first < 0 ? number : first;
            }
        }
        List<String> all = new ArrayList<>(faults);
        if (missing > 0) {
            all.add(missing + " lines did not come back, the first of them line " + (first + 1));
        }
        if (faultCount > faults.size()) {
            all.add(faultCount - faults.size() + " faults more");
        }
        return all;
    }

    private void fault(String text) {
        faultCount++;
        if (faults.size() < EXAMPLES_MAX) {
            faults.add(text);
        }
    }
}
