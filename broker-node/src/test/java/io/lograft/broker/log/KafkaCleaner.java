package io.lograft.broker.log;

import java.io.File;
import java.io.IOException;
import java.security.DigestException;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/** Kafka's own log and cleaner over the files of a partition: an oracle, and what ours is compared with. */
final class KafkaCleaner {
    private static final int BUFFER_BYTES = 256 << 10;
    private static final double LOAD_FACTOR = 0.9;

    private KafkaCleaner() {}

    /** Compacts all closed segments of a cleanly closed log, in as many rounds as the memory takes. */
    static int clean(File directory, int segmentBytes, long tombstoneMs, int mapBytes)
            throws IOException, DigestException, NoSuchAlgorithmException {
        Properties properties = new Properties();
        properties.setProperty("cleanup.policy", "compact");
        properties.setProperty("segment.bytes", Integer.toString(Math.max(segmentBytes, 1 << 20)));
        properties.setProperty("delete.retention.ms", Long.toString(tombstoneMs));
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(
                directory,
                new LogConfig(properties),
                0,
                0,
                scheduler,
                new BrokerTopicStats(),
                Time.SYSTEM,
                900_000,
                new ProducerStateManagerConfig(86_400_000, false),
                600_000,
                new LogDirFailureChannel(1),
                true,
                Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        Cleaner cleaner = new Cleaner(
                0,
                new SkimpyOffsetMap(mapBytes),
                BUFFER_BYTES,
                16 << 20,
                LOAD_FACTOR,
                new Throttler(Double.MAX_VALUE, 300, "bytes", "bytes", Time.SYSTEM),
                Time.SYSTEM,
                partition -> {});
        long end = log.activeSegment().baseOffset();
        long from = 0;
        int rounds = 0;
        while (from < end) {
            var result = cleaner.clean(new LogToClean(log, from, end, false));
            from = result.getKey();
            rounds++;
        }
        log.close();
        try {
            scheduler.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return rounds;
    }
}
