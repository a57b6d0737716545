package io.lograft.cli.quickstart;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares what was read back with the lines of a file: each exactly once, unchanged, and those of a key in the order in
 * which they were written. Not thread-safe.
 */
final class LineAudit {
    private static final int EXAMPLES_MAX = 5;

    private final List<String> lines;
    private final int[] timesRead;
    private final Map<String, Integer> lastOfKey = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int faultCount;

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
     */
    void read(int number, Optional<String> key, String line) {
        if (number < 0 || number >= lines.size()) {
            fault("a record says that it is line " + (number + 1) + " of " + lines.size());
            return;
        }
        if (!lines.get(number).equals(line)) {
            fault("line " + (number + 1) + " came back changed");
        }
        timesRead[number]++;
        if (timesRead[number] > 1) {
            fault("line " + (number + 1) + " came back " + timesRead[number] + " times");
            return;
        }
        if (key.isPresent()) {
            Integer before = lastOfKey.put(key.get(), number);
            if (before != null && before > number) {
                fault("key " + key.get() + ": line " + (number + 1) + " came after line " + (before + 1));
            }
        }
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
