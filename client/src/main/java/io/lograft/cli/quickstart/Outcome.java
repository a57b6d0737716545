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
 * @param lines what became of the lines
 * @param writeMs from the first line to the last acknowledgement
 * @param latency times from sending a line to its acknowledgement
 * @param broker what became of the broker that was killed
 * @param reading what became of the group
 * @param faults what is wrong; empty if every line came back exactly once and in order
 */
record Outcome(
        String topic, Lines lines, long writeMs, Latency latency, Broker broker, Reading reading, List<String> faults) {

    /** In microseconds. */
    record Latency(long p50, long p99, long max) {}

    /**
     * The lines of the file, each a record.
     *
     * @param keyCount different keys among them
     * @param againCount read by the killed member and by the one that took over, as they were not committed
     * @param lag not read at the end
     */
    record Lines(int count, int keyCount, int againCount, long lag) {}

    /**
     * The broker that was killed.
     *
     * @param leaderlessMs longest time that a partition had no leader after it
     * @param rejoinMs time from its new start until it was in sync everywhere
     */
    record Broker(int id, long leaderlessMs, long rejoinMs) {}

    /**
     * The group of two.
     *
     * @param tookMs from the first line written to the last one read
     * @param takeOverMs from the kill of a member until the other one had all partitions
     */
    record Reading(long tookMs, long takeOverMs) {}

    boolean isGood() {
        return faults.isEmpty() && lines.lag() == 0;
    }

    /** What is wrong, in one line. */
    String verdict() {
        return faults.isEmpty() ? "the group lags by " + lines.lag() + " lines" : String.join("; ", faults);
    }

    Table table() {
        Table table = new Table("WHAT", "RESULT");
        table.row(
                "lines written, acks=all",
                lines.count() + " in " + seconds(writeMs) + ", " + perSecond(writeMs) + " records/s");
        table.row(
                "acknowledged after",
                "p50 " + millis(latency.p50()) + ", p99 " + millis(latency.p99()) + ", longest "
                        + millis(latency.max()));
        table.row(
                "broker killed on the way",
                broker.id() + "; longest time without a leader " + broker.leaderlessMs() + " ms");
        table.row(
                "member killed on the way",
                "its partitions went on after " + reading.takeOverMs() + " ms; " + lines.againCount()
                        + " lines read again, which it had not committed");
        table.row(
                "lines read by the group of two",
                lines.count() + " in " + seconds(reading.tookMs()) + ", lag " + lines.lag());
        table.row("broker " + broker.id() + " started again", "in sync everywhere after " + seconds(broker.rejoinMs()));
        table.row(
                "each line back, once, in order per key",
                isGood() ? "yes (" + lines.keyCount() + " keys)" : "NO: " + verdict());
        return table;
    }

    Map<String, Object> json(String bootstrap) {
        return Json.object(
                "ok", isGood(),
                "topic", topic,
                "bootstrap", bootstrap,
                "records", lines.count(),
                "keys", lines.keyCount(),
                "writeMs", writeMs,
                "writeRecordsPerSecond", perSecond(writeMs),
                "ackP50Us", latency.p50(),
                "ackP99Us", latency.p99(),
                "ackMaxUs", latency.max(),
                "killedBroker", broker.id(),
                "leaderlessMs", broker.leaderlessMs(),
                "memberTakeOverMs", reading.takeOverMs(),
                "readAgain", lines.againCount(),
                "readMs", reading.tookMs(),
                "readRecordsPerSecond", perSecond(reading.tookMs()),
                "lag", lines.lag(),
                "rejoinMs", broker.rejoinMs(),
                "faults", faults);
    }

    private long perSecond(long ms) {
        return Math.round(lines.count() * 1000.0 / Math.max(1, ms));
    }

    private static String seconds(long ms) {
        return String.format(Locale.ROOT, "%.1f s", ms / 1000.0);
    }

    private static String millis(long us) {
        return String.format(Locale.ROOT, "%.1f ms", us / 1000.0);
    }
}
