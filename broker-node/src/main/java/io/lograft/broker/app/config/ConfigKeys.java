package io.lograft.broker.app.config;

import io.lograft.broker.log.config.LogConfig.Timestamps;
import io.lograft.broker.produce.CompressionRules;
import io.lograft.broker.produce.TimestampRules;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import io.lograft.record.Compression;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every key that this version reads, in the order of {@code config/broker.properties}, which a test holds to it. */
final class ConfigKeys {
    static final ConfigKey<BrokerId> BROKER_ID = new ConfigKey<>(
            "broker.id", "1", "a whole number from 0 to 2147483647", text -> new BrokerId(Integer.parseInt(text)));
    static final ConfigKey<Map<String, HostPort>> LISTENERS = new ConfigKey<>(
            "listeners",
            "grpc://localhost:7400,raft://localhost:7401,http://localhost:7402",
            "grpc://HOST:PORT,raft://HOST:PORT,http://HOST:PORT, each once; an empty HOST means all interfaces",
            ConfigKeys::listeners);
    static final ConfigKey<HostPort> ADVERTISED_ADDRESS =
            new ConfigKey<>("advertised.address", null, "HOST:PORT", ConfigKeys::remote);
    static final ConfigKey<List<Path>> LOG_DIRS = new ConfigKey<>(
            StorageConfig.DIRECTORIES_KEY, "./data/log", "directories, separated by commas", ConfigKeys::paths);
    static final ConfigKey<Integer> RECOVERY_THREADS = integer("num.recovery.threads.per.data.dir", null, 1, 256);
    static final ConfigKey<List<VoterAddress>> METADATA_VOTERS = new ConfigKey<>(
            "metadata.voters", null, "ID@HOST:PORT[/GRPC_PORT],… for 1, 3 or 5 brokers", ConfigKeys::voters);
    static final ConfigKey<Path> METADATA_DIR =
            new ConfigKey<>(MetadataConfig.DIRECTORY_KEY, "./data/metadata", "a directory", ConfigKeys::path);
    static final ConfigKey<Integer> ELECTION_TIMEOUT_MIN =
            integer("metadata.election.timeout.min.ms", null, 50, 60_000);
    static final ConfigKey<Integer> ELECTION_TIMEOUT_MAX =
            integer("metadata.election.timeout.max.ms", null, 100, 120_000);
    static final ConfigKey<Integer> NUM_PARTITIONS = integer("num.partitions", "1", 1, 10_000);
    static final ConfigKey<Integer> REPLICATION_FACTOR = integer("default.replication.factor", "3", 1, 15);
    static final ConfigKey<Integer> MIN_INSYNC_REPLICAS = integer("min.insync.replicas", "2", 1, 15);
    static final ConfigKey<FlushMode> FLUSH_MODE =
            choice("flush.mode", "commit", Map.of("commit", FlushMode.COMMIT, "os", FlushMode.OS));
    static final ConfigKey<Integer> SEGMENT_BYTES = integer("log.segment.bytes", "1073741824", 4096, Integer.MAX_VALUE);
    static final ConfigKey<Long> MOVE_BYTES_PER_SECOND =
            number("replica.alter.log.dirs.io.max.bytes.per.second", "104857600", 1 << 20, Long.MAX_VALUE);
    static final ConfigKey<Integer> OPEN_FILES_MAX = integer(StorageConfig.OPEN_FILES_KEY, null, 64, Integer.MAX_VALUE);
    static final ConfigKey<Long> ROLL_HOURS = number("log.roll.hours", "168", 1, 24L * 365 * 100);
    static final ConfigKey<Long> ROLL_MS = number("log.roll.ms", null, 1, Long.MAX_VALUE);
    static final ConfigKey<Integer> INDEX_INTERVAL_BYTES =
            integer("log.index.interval.bytes", "4096", 0, Integer.MAX_VALUE);
    static final ConfigKey<Long> RETENTION_HOURS = number("log.retention.hours", "168", -1, 24L * 365 * 100);
    static final ConfigKey<Long> RETENTION_MS = number("log.retention.ms", null, -1, Long.MAX_VALUE);
    static final ConfigKey<Long> RETENTION_BYTES = number("log.retention.bytes", "-1", -1, Long.MAX_VALUE);
    static final ConfigKey<Duration> RETENTION_CHECK_INTERVAL =
            duration("log.retention.check.interval.ms", "300000", 100, 86_400_000);
    static final ConfigKey<Long> CLEANER_MAP_BYTES =
            number("log.cleaner.dedupe.buffer.size", "33554432", 1024, 16L << 30);
    static final ConfigKey<Integer> CLEANER_BUFFER_BYTES =
            integer("log.cleaner.io.buffer.size", "524288", 4096, 64 << 20);
    static final ConfigKey<Long> CLEANER_BYTES_PER_SECOND =
            number("log.cleaner.io.max.bytes.per.second", null, 1024, Long.MAX_VALUE);
    static final ConfigKey<Duration> CLEANER_BACKOFF = duration("log.cleaner.backoff.ms", "15000", 10, 86_400_000);
    static final ConfigKey<Double> CLEANER_RATIO =
            new ConfigKey<>("log.cleaner.min.cleanable.ratio", "0.5", "a number from 0 to 1", ConfigKeys::ratio);
    static final ConfigKey<Long> CLEANER_LAG_MIN = number("log.cleaner.min.compaction.lag.ms", "0", 0, Long.MAX_VALUE);
    static final ConfigKey<Long> CLEANER_LAG_MAX =
            number("log.cleaner.max.compaction.lag.ms", "9223372036854775807", 1, Long.MAX_VALUE);
    static final ConfigKey<Long> CLEANER_TOMBSTONES =
            number("log.cleaner.delete.retention.ms", "86400000", 0, Long.MAX_VALUE);
    static final ConfigKey<Set<String>> CLEANUP_POLICY = new ConfigKey<>(
            "log.cleanup.policy", "delete", "delete, compact, or both with a comma between", ConfigKeys::policies);
    static final ConfigKey<Timestamps> TIMESTAMP_TYPE = choice(
            "message.timestamp.type",
            "CreateTime",
            Map.of("CreateTime", Timestamps.CREATE_TIME, "LogAppendTime", Timestamps.LOG_APPEND_TIME));
    static final ConfigKey<Duration> PRODUCER_EXPIRY =
            duration("producer.id.expiration.ms", "86400000", 1000, Long.MAX_VALUE);
    static final ConfigKey<Integer> MESSAGE_BYTES_MAX = integer("message.max.bytes", "1048588", 1024, 64 << 20);
    static final ConfigKey<Long> TIMESTAMP_BEFORE_MAX =
            number(TimestampRules.BEFORE_KEY, Long.toString(TimestampRules.DEFAULTS.beforeMaxMs()), 0, Long.MAX_VALUE);
    static final ConfigKey<Long> TIMESTAMP_AFTER_MAX =
            number(TimestampRules.AFTER_KEY, Long.toString(TimestampRules.DEFAULTS.afterMaxMs()), 0, Long.MAX_VALUE);
    static final ConfigKey<Optional<Compression>> COMPRESSION_TYPE = choice(
            CompressionRules.TYPE_KEY,
            CompressionRules.PRODUCER,
            Stream.of("producer", "uncompressed", "none", "gzip", "snappy", "lz4", "zstd")
                    .collect(Collectors.toMap(word -> word, CompressionRules::typeOf)));
    static final ConfigKey<Integer> GZIP_LEVEL = level(Compression.GZIP);
    static final ConfigKey<Integer> LZ4_LEVEL = level(Compression.LZ4);
    static final ConfigKey<Integer> ZSTD_LEVEL = level(Compression.ZSTD);
    static final ConfigKey<Duration> REPLICA_LAG_MAX = duration("replica.lag.time.max.ms", "5000", 100, 3_600_000);
    static final ConfigKey<Duration> SESSION_TIMEOUT = duration("broker.session.timeout.ms", "3000", 200, 600_000);
    static final ConfigKey<Duration> HEARTBEAT_INTERVAL = duration("broker.heartbeat.interval.ms", "500", 50, 60_000);
    static final ConfigKey<Duration> DISCONNECT_GRACE = duration("broker.disconnect.grace.ms", "300", 0, 60_000);
    static final ConfigKey<Integer> OFFSETS_PARTITIONS = integer("offsets.topic.num.partitions", "16", 1, 10_000);
    static final ConfigKey<Integer> OFFSETS_REPLICATION = integer("offsets.topic.replication.factor", "3", 1, 15);
    static final ConfigKey<Integer> OFFSETS_SEGMENT_BYTES =
            integer("offsets.topic.segment.bytes", "104857600", 4096, Integer.MAX_VALUE);
    static final ConfigKey<Integer> OFFSETS_RETENTION_MINUTES =
            integer("offsets.retention.minutes", "10080", 1, Integer.MAX_VALUE);
    static final ConfigKey<Integer> OFFSET_METADATA_BYTES_MAX =
            integer("offset.metadata.max.bytes", "4096", 0, 1 << 20);
    static final ConfigKey<Integer> GROUP_SESSION_MIN = integer("group.min.session.timeout.ms", "1000", 100, 3_600_000);
    static final ConfigKey<Integer> GROUP_SESSION_MAX =
            integer("group.max.session.timeout.ms", "1800000", 1_000, 86_400_000);
    static final ConfigKey<Integer> GROUP_INITIAL_DELAY = integer("group.initial.rebalance.delay.ms", "50", 0, 600_000);
    static final ConfigKey<Integer> GROUP_MEMBERS_MAX = integer("group.max.size", "1000", 1, 100_000);

    static final List<ConfigKey<?>> ALL = List.of(
            BROKER_ID,
            LISTENERS,
            ADVERTISED_ADDRESS,
            LOG_DIRS,
            METADATA_VOTERS,
            METADATA_DIR,
            ELECTION_TIMEOUT_MIN,
            ELECTION_TIMEOUT_MAX,
            NUM_PARTITIONS,
            REPLICATION_FACTOR,
            MIN_INSYNC_REPLICAS,
            FLUSH_MODE,
            RECOVERY_THREADS,
            OPEN_FILES_MAX,
            MOVE_BYTES_PER_SECOND,
            SEGMENT_BYTES,
            ROLL_HOURS,
            ROLL_MS,
            INDEX_INTERVAL_BYTES,
            RETENTION_HOURS,
            RETENTION_MS,
            RETENTION_BYTES,
            RETENTION_CHECK_INTERVAL,
            CLEANUP_POLICY,
            CLEANER_MAP_BYTES,
            CLEANER_BUFFER_BYTES,
            CLEANER_BYTES_PER_SECOND,
            CLEANER_BACKOFF,
            CLEANER_RATIO,
            CLEANER_LAG_MIN,
            CLEANER_LAG_MAX,
            CLEANER_TOMBSTONES,
            TIMESTAMP_TYPE,
            TIMESTAMP_BEFORE_MAX,
            TIMESTAMP_AFTER_MAX,
            MESSAGE_BYTES_MAX,
            COMPRESSION_TYPE,
            GZIP_LEVEL,
            LZ4_LEVEL,
            ZSTD_LEVEL,
            PRODUCER_EXPIRY,
            REPLICA_LAG_MAX,
            SESSION_TIMEOUT,
            HEARTBEAT_INTERVAL,
            DISCONNECT_GRACE,
            OFFSETS_PARTITIONS,
            OFFSETS_REPLICATION,
            OFFSETS_SEGMENT_BYTES,
            OFFSETS_RETENTION_MINUTES,
            OFFSET_METADATA_BYTES_MAX,
            GROUP_SESSION_MIN,
            GROUP_SESSION_MAX,
            GROUP_INITIAL_DELAY,
            GROUP_MEMBERS_MAX);

    private ConfigKeys() {}

    private static ConfigKey<Long> number(String name, String defaultText, long min, long max) {
        String allowed =
                max == Long.MAX_VALUE ? "a whole number, at least " + min : "a whole number from " + min + " to " + max;
        return new ConfigKey<>(name, defaultText, allowed, text -> {
            long value = Long.parseLong(text);
            if (value < min || value > max) {
                throw new NumberFormatException("out of range");
            }
            return value;
        });
    }

    private static ConfigKey<Integer> level(Compression codec) {
        return integer(
                CompressionRules.levelKey(codec),
                Integer.toString(codec.levelDefault()),
                codec.levelMin(),
                codec.levelMax());
    }

    private static ConfigKey<Integer> integer(String name, String defaultText, int min, int max) {
        ConfigKey<Long> wide = number(name, defaultText, min, max);
        return new ConfigKey<>(name, defaultText, wide.allowed(), wide.parser().andThen(Math::toIntExact));
    }

    private static ConfigKey<Duration> duration(String name, String defaultText, long minMs, long maxMs) {
        ConfigKey<Long> wide = number(name, defaultText, minMs, maxMs);
        return new ConfigKey<>(
                name,
                defaultText,
                wide.allowed() + " (milliseconds)",
                wide.parser().andThen(Duration::ofMillis));
    }

    private static <T> ConfigKey<T> choice(String name, String defaultText, Map<String, T> values) {
        Map<String, T> byLowerCase = new HashMap<>();
        values.forEach((text, value) -> byLowerCase.put(text.toLowerCase(Locale.ROOT), value));
        Function<String, T> parser = text -> {
            T value = byLowerCase.get(text.toLowerCase(Locale.ROOT));
            if (value == null) {
                throw new IllegalArgumentException();
            }
            return value;
        };
        String allowed = String.join(" or ", values.keySet().stream().sorted().toList());
        return new ConfigKey<>(name, defaultText, allowed, parser);
    }

    private static double ratio(String text) {
        double ratio = Double.parseDouble(text);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("out of range");
        }
        return ratio;
    }

    private static Set<String> policies(String text) {
        Set<String> policies = new HashSet<>(split(text));
        if (!Set.of("delete", "compact").containsAll(policies)) {
            throw new IllegalArgumentException("unknown policy");
        }
        return policies;
    }

    private static Map<String, HostPort> listeners(String text) {
        Map<String, HostPort> found = new HashMap<>();
        for (String part : split(text)) {
            int end = part.indexOf("://");
            String scheme = end < 0 ? part : part.substring(0, end);
            if (end < 0 || !List.of("grpc", "raft", "http").contains(scheme)) {
                throw new IllegalArgumentException("\"" + part + "\" is no grpc://, raft:// or http:// listener");
            }
            if (found.put(scheme, HostPort.parse(part.substring(end + 3))) != null) {
                throw new IllegalArgumentException(scheme + " stands there twice");
            }
        }
        if (found.size() < 3) {
            throw new IllegalArgumentException("one of the three is missing");
        }
        return Map.copyOf(found);
    }

    private static HostPort remote(String text) {
        HostPort address = HostPort.parse(text);
        if (address.isAllInterfaces() || address.port() == 0) {
            throw new IllegalArgumentException("others cannot connect to it");
        }
        return address;
    }

    private static List<VoterAddress> voters(String text) {
        List<VoterAddress> found = VoterAddress.parseList(String.join(",", split(text)));
        if (found.size() % 2 == 0 || found.size() > 5) {
            throw new IllegalArgumentException(found.size() + " voters");
        }
        return found.stream().sorted(Comparator.comparing(VoterAddress::broker)).toList();
    }

    private static List<Path> paths(String text) {
        List<Path> paths = split(text).stream().map(ConfigKeys::path).toList();
        if (paths.stream().distinct().count() < paths.size()) {
            throw new IllegalArgumentException("a directory stands there twice");
        }
        return paths;
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("empty");
        }
        return Path.of(text);
    }

    /** The parts between commas; throws IllegalArgumentException where one is empty. */
    private static List<String> split(String text) {
        List<String> parts =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        if (parts.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("empty part");
        }
        return parts;
    }
}
