package io.lograft.it.load;

import java.util.Arrays;

/** The times between acknowledgements, per partition since the begin of a window, and over all. For one thread. */
final class AckPauses {
    private final long[] lastNs;
    private final long[] longestNs;
    private long lastOfAllNs;
    private long longestSilenceNs;

    AckPauses(int partitions, long nowNs) {
        lastNs = new long[partitions];
        longestNs = new long[partitions];
        lastOfAllNs = nowNs;
        begin(nowNs);
    }

    void acknowledged(int partition, long nowNs) {
        longestNs[partition] = Math.max(longestNs[partition], nowNs - lastNs[partition]);
        lastNs[partition] = nowNs;
        longestSilenceNs = Math.max(longestSilenceNs, nowNs - lastOfAllNs);
        lastOfAllNs = nowNs;
    }

    void begin(long nowNs) {
        Arrays.fill(lastNs, nowNs);
        Arrays.fill(longestNs, 0);
    }

    long longestNs(long nowNs) {
        long longest = 0;
        for (int partition = 0; partition < lastNs.length; partition++) {
            longest = Math.max(longest, Math.max(longestNs[partition], nowNs - lastNs[partition]));
        }
        return longest;
    }

    long longestSilenceNs() {
        return longestSilenceNs;
    }
}
