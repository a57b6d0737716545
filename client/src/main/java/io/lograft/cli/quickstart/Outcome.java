package io.lograft.cli.quickstart;

import io.lograft.cli.Json;
import io.lograft.cli.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happened, for the table at the end.
 *
 * @param topic the topic that was written
 * @param lineCount lines of the file, each a record
 * @param keyCount different keys among them
 * @param writeMs from the first line to the last acknowledgement
 * @param latency times from sending a line to its acknowledgement
 * @param killedBroker the broker that was killed
 * @param leaderlessMs longest time that a partition had no leader after it
 * @param readMs time to read everything back
 * @param lag records that the readers had not read at the end
 * @param rejoinMs time from the killed broker's new start until it was in sync everywhere
 * @param faults what is wrong; empty if every line came back exactly once and in order
 */
record Outcome(
        String topic,
        int lineCount,
        int keyCount,
        long writeMs,
        Latency latency,
        int killedBroker,
        long leaderlessMs,
        long readMs,
        long lag,
        long rejoinMs,
        List<String> faults) {

    /** In microseconds. */
    record Latency(long p50, long p99, long max) {}

    boolean isGood() {
        return faults.isEmpty() && lag == 0;
    }

    Table table() {
        Table table = new Table("WHAT", "RESULT");
        table.row(
                "lines written, acks=all",
                lineCount + " in " + seconds(writeMs) + ", " + perSecond(writeMs) + " records/s");
        table.row(
                "acknowledged after",
                "p50 " + millis(latency.p50()) + ", p99 " + millis(latency.p99()) + ", longest "
                        + millis(latency.max()));
        table.row("broker killed on the way", killedBroker + "; longest time without a leader " + leaderlessMs + " ms");
        table.row(
                "lines read back",
                lineCount + " in " + seconds(readMs) + ", " + perSecond(readMs) + " records/s, lag " + lag);
        table.row("broker " + killedBroker + " started again", "in sync everywhere after " + seconds(rejoinMs));
        table.row(
                "each line exactly once, in order per key",
                isGood() ? "yes (" + keyCount + " keys)" : "NO: " + String.join("; ", faults));
        return table;
    }

    Map<String, Object> json(String bootstrap) {
        return Json.object(
                "ok", isGood(),
                "topic", topic,
                "bootstrap", bootstrap,
                "records", lineCount,
                "keys", keyCount,
                "writeMs", writeMs,
                "writeRecordsPerSecond", perSecond(writeMs),
                "ackP50Us", latency.p50(),
                "ackP99Us", latency.p99(),
                "ackMaxUs", latency.max(),
                "killedBroker", killedBroker,
                "leaderlessMs", leaderlessMs,
                "readMs", readMs,
                "readRecordsPerSecond", perSecond(readMs),
                "lag", lag,
                "rejoinMs", rejoinMs,
                "faults", faults);
    }

    private long perSecond(long ms) {
        return Math.round(lineCount * 1000.0 / Math.max(1, ms));
    }

    private static String seconds(long ms) {
        return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
    }

    private static String millis(long us) {
        return String.format(Locale.ROOT, "%.1f ms", us / 1000.0);
    }
}
