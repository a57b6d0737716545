package io.lograft.it.faults;

import io.lograft.it.load.Audit;
import io.lograft.it.load.RecordLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts what a soak did, and says it as text. For one thread. */
final class SoakSummary {
    static final String VERIFIED =
            "files         log files of all replicas verified, and the same below the high watermark\n";

    private record Sample(long pauseMs, long healMs) {}

    private final String setting;
    private final long startedNs = System.nanoTime();
    private final Map<FaultKind, List<Sample>> samples = new EnumMap<>(FaultKind.class);
    private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
    private String result = "";

    SoakSummary(long seed, int brokers, boolean isOnHosts, int rate) {
        setting = "seed " + seed + ", " + brokers + " brokers on "
                + (isOnHosts ? "hosts of their own" : "loopback, without faults of the network") + ", " + rate
                + " records a second";
    }

    String begin() {
        return "soak: " + setting;
    }

    /** A fault after which the next one came at once. */
    void hasty(FaultKind kind) {
        counts.merge(kind, 1, Integer::sum);
    }

    /** A fault from which the cluster healed; it counts for the times if the cluster was whole before. */
    void healed(FaultKind kind, boolean wasWhole, Duration pause, Duration heal) {
        counts.merge(kind, 1, Integer::sum);
        if (wasWhole) {
            samples.computeIfAbsent(kind, any -> new ArrayList<>()).add(new Sample(pause.toMillis(), heal.toMillis()));
        }
    }

    void end(RecordLoad load, Audit.Report report) {
        long seconds = Duration.ofNanos(System.nanoTime() - startedNs).toSeconds();
        result = "time          %d min %d s%n".formatted(seconds / 60, seconds % 60)
                + "faults        %d%n"
                        .formatted(counts.values().stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                + "records       %d acknowledged, %d failed, %d seen by consumers meanwhile%n"
                        .formatted(report.acknowledged(), report.failed(), load.seenCount())
                + "audit         %s%n".formatted(report.wrong())
                + "longest time without any acknowledgement: %d ms%n"
                        .formatted(load.longestSilence().toMillis());
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("setting       " + setting + "\n" + result + "\n");
        text.append("In ms: the longest time without an acknowledgement in one partition, from the begin of the fault"
                + " until the cluster was whole;\nand from the end of the fault until it was whole.\n\n");
        String format = "%-72s %5s %12s %12s%n";
        text.append(String.format(Locale.ROOT, format, "fault", "count", "pause", "whole"));
        text.append(String.format(Locale.ROOT, format, "", "", "median/max", "median/max"));
        counts.forEach((kind, count) -> text.append(String.format(
                Locale.ROOT, format, kind.text(), count, medianAndMax(kind, true), medianAndMax(kind, false))));
        return text.toString();
    }

    private String medianAndMax(FaultKind kind, boolean ofPause) {
        List<Long> sorted = new ArrayList<>();
        samples.getOrDefault(kind, List.of())
                .forEach(sample -> sorted.add(ofPause ? sample.pauseMs() : sample.healMs()));
        Collections.sort(sorted);
        return sorted.isEmpty() ? "-" : sorted.get(sorted.size() / 2) + "/" + sorted.getLast();
    }
}
