package io.lograft.broker.app.config;

import io.lograft.broker.group.GroupSettings;
import io.lograft.broker.log.config.CleanupConfig;
import io.lograft.broker.log.config.CompactionConfig;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.config.RetentionConfig;
import io.lograft.broker.log.config.TailConfig;
import io.lograft.broker.produce.CompressionRules;
import io.lograft.broker.produce.ProduceRules;
import io.lograft.broker.produce.TimestampRules;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumTimings;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.record.Compression;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Puts a {@link BrokerConfig} together: a properties file, then the environment ({@code LOGRAFT_} and the key in
 * capitals with {@code _} for {@code .}), then {@code --set KEY=VALUE}; the last wins.
 *
 * <p>Whatever it cannot take is a {@link ConfigException} of one line that names key, value and what is allowed.
 */
public final class ConfigLoader {
    static final String ENVIRONMENT_PREFIX = "LOGRAFT_";

    /** Variables that are not configuration keys: they steer the launcher and the commands. */
    private static final Set<String> OTHER_VARIABLES = Set.of(
            "LOGRAFT_BOOTSTRAP",
            "LOGRAFT_JAVA_HOME",
            "LOGRAFT_JAVA_OPTS",
            "LOGRAFT_HEAP_OPTS",
            "LOGRAFT_BUILD",
            "LOGRAFT_AOT");

    /** What Kubernetes and Docker links set for a service that is called "lograft". */
    private static final Pattern SERVICE_LINK = Pattern.compile(
            "LOGRAFT_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)");

    private record Setting(String text, String origin) {}

    private final Map<String, Setting> settings = new HashMap<>();

    private ConfigLoader() {}

    /**
     * Reads and checks the configuration. Touches nothing on disk but {@code file}.
     *
     * @param file properties file, absent for none
     * @param environment the process environment
     * @param sets {@code KEY=VALUE} of each {@code --set}, in order
     */
    public static BrokerConfig load(Optional<Path> file, Map<String, String> environment, List<String> sets)
            throws ConfigException {
        ConfigLoader loader = new ConfigLoader();
        if (file.isPresent()) {
            loader.readFile(file.get());
        }
        loader.readEnvironment(environment);
        loader.readSets(sets);
        return loader.build();
    }

    private void readFile(Path file) throws ConfigException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigException("configuration file " + file + " does not exist");
        } catch (MalformedInputException e) {
            throw new ConfigException("configuration file " + file + " is not UTF-8 text");
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new ConfigException("configuration file " + file + " cannot be read: " + e.getMessage());
        }
        for (Map.Entry<String, String> entry : sorted(properties).entrySet()) {
            put(entry.getKey(), entry.getValue(), file.toString());
        }
    }

    private void readEnvironment(Map<String, String> environment) throws ConfigException {
        Map<String, String> names = new HashMap<>();
        ConfigKeys.ALL.forEach(key -> names.put(key.environmentName(), key.name()));
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String name = entry.getKey();
            if (!name.startsWith(ENVIRONMENT_PREFIX) || OTHER_VARIABLES.contains(name)) {
                continue;
            }
            String key = names.get(name);
            if (key != null) {
                put(key, entry.getValue(), "the environment");
            } else if (!SERVICE_LINK.matcher(name).matches()) {
                String dotted = name.substring(ENVIRONMENT_PREFIX.length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '.');
                put(dotted, entry.getValue(), "the environment (" + name + ")");
            }
        }
    }

    private void readSets(List<String> sets) throws ConfigException {
        for (String set : sets) {
            int equals = set.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--set " + set + " is not KEY=VALUE");
            }
            put(set.substring(0, equals).strip(), set.substring(equals + 1), "--set");
        }
    }

    private void put(String name, String text, String origin) throws ConfigException {
        if (ConfigKeys.ALL.stream().noneMatch(key -> key.name().equals(name))) {
            throw new ConfigException("unknown key " + name + " (=" + text + ") from " + origin
                    + nearest(name).map(near -> "; did you mean " + near + "?").orElse("")
                    + "; config/broker.properties lists all keys");
        }
        settings.put(name, new Setting(text, origin));
    }

    private BrokerConfig build() throws ConfigException {
        BrokerId brokerId = value(ConfigKeys.BROKER_ID);
        NetworkConfig network = network();
        return new BrokerConfig(
                brokerId, network, metadata(brokerId, network), topics(), storage(), liveness(), groups());
    }

    private NetworkConfig network() throws ConfigException {
        Map<String, HostPort> listeners = value(ConfigKeys.LISTENERS);
        HostPort grpc = listeners.get("grpc");
        Optional<HostPort> given = optional(ConfigKeys.ADVERTISED_ADDRESS);
        HostPort advertised = given.isPresent() ? given.get() : new HostPort(reachableHost(grpc), grpc.port());
        return new NetworkConfig(grpc, listeners.get("raft"), listeners.get("http"), advertised);
    }

    private MetadataConfig metadata(BrokerId brokerId, NetworkConfig network) throws ConfigException {
        Optional<List<VoterAddress>> given = optional(ConfigKeys.METADATA_VOTERS);
        int raftPort = network.raft().port();
        List<VoterAddress> voters = given.isPresent()
                ? given.get()
                : List.of(new VoterAddress(
                        brokerId,
                        reachableHost(network.raft()),
                        raftPort,
                        network.advertised().port()));
        for (VoterAddress voter : voters) {
            require(
                    !voter.broker().equals(brokerId) || voter.raftPort() == raftPort,
                    ConfigKeys.METADATA_VOTERS,
                    "for this broker (" + brokerId.value() + ") the port of its raft:// listener, " + raftPort);
        }
        QuorumTimings usual = voters.size() == 1 ? QuorumTimings.single() : QuorumTimings.several();
        int min = optional(ConfigKeys.ELECTION_TIMEOUT_MIN).orElse(usual.electionMinMs());
        int max = optional(ConfigKeys.ELECTION_TIMEOUT_MAX).orElse(Math.max(2 * min, usual.electionMaxMs()));
        require(max > min, ConfigKeys.ELECTION_TIMEOUT_MAX, "above metadata.election.timeout.min.ms (" + min + ")");
        QuorumTimings timings = new QuorumTimings(
                min,
                max,
                Math.min(min, usual.firstElectionMinMs()),
                Math.min(max, usual.firstElectionMaxMs()),
                usual.submitTimeoutMs(),
                usual.noOpPeriodMs(),
                usual.snapshotPeriodMs());
        return new MetadataConfig(value(ConfigKeys.METADATA_DIR), voters, timings);
    }

    private TopicDefaults topics() throws ConfigException {
        return new TopicDefaults(
                value(ConfigKeys.NUM_PARTITIONS),
                value(ConfigKeys.REPLICATION_FACTOR),
                value(ConfigKeys.MIN_INSYNC_REPLICAS),
                value(ConfigKeys.FLUSH_MODE));
    }

    private StorageConfig storage() throws ConfigException {
        int segmentBytesMax = value(ConfigKeys.SEGMENT_BYTES);
        // May be above the size of a segment: a batch that is so large has a segment to itself.
        int messageBytesMax = value(ConfigKeys.MESSAGE_BYTES_MAX);
        LogConfig log = new LogConfig(
                segmentBytesMax,
                Duration.ofMillis(millisOrHours(ConfigKeys.ROLL_MS, ConfigKeys.ROLL_HOURS)),
                value(ConfigKeys.INDEX_INTERVAL_BYTES),
                TailConfig.DEFAULTS,
                value(ConfigKeys.PRODUCER_EXPIRY),
                value(ConfigKeys.TIMESTAMP_TYPE),
                cleanup());
        int cores = Runtime.getRuntime().availableProcessors();
        return new StorageConfig(
                value(ConfigKeys.LOG_DIRS),
                log,
                produce(messageBytesMax),
                optional(ConfigKeys.RECOVERY_THREADS).orElse(cores),
                optional(ConfigKeys.OPEN_FILES_MAX),
                new UpkeepConfig(
                        value(ConfigKeys.RETENTION_CHECK_INTERVAL),
                        cleaner(),
                        value(ConfigKeys.MOVE_BYTES_PER_SECOND)));
    }

    private ProduceRules produce(int messageBytesMax) throws ConfigException {
        return new ProduceRules(
                messageBytesMax,
                new CompressionRules(
                        value(ConfigKeys.COMPRESSION_TYPE),
                        Map.of(
                                Compression.GZIP, value(ConfigKeys.GZIP_LEVEL),
                                Compression.LZ4, value(ConfigKeys.LZ4_LEVEL),
                                Compression.ZSTD, value(ConfigKeys.ZSTD_LEVEL))),
                new TimestampRules(value(ConfigKeys.TIMESTAMP_BEFORE_MAX), value(ConfigKeys.TIMESTAMP_AFTER_MAX)));
    }

    private CleanupConfig cleanup() throws ConfigException {
        RetentionConfig retention = new RetentionConfig(
                millisOrHours(ConfigKeys.RETENTION_MS, ConfigKeys.RETENTION_HOURS), value(ConfigKeys.RETENTION_BYTES));
        CompactionConfig compaction = new CompactionConfig(
                value(ConfigKeys.CLEANER_RATIO),
                value(ConfigKeys.CLEANER_LAG_MIN),
                value(ConfigKeys.CLEANER_LAG_MAX),
                value(ConfigKeys.CLEANER_TOMBSTONES));
        Set<String> policies = value(ConfigKeys.CLEANUP_POLICY);
        return new CleanupConfig(policies.contains("delete"), policies.contains("compact"), retention, compaction);
    }

    private CleanerConfig cleaner() throws ConfigException {
        Optional<Long> bytesPerSecondMax = optional(ConfigKeys.CLEANER_BYTES_PER_SECOND);
        return new CleanerConfig(
                value(ConfigKeys.CLEANER_MAP_BYTES),
                value(ConfigKeys.CLEANER_BUFFER_BYTES),
                bytesPerSecondMax.isPresent() ? bytesPerSecondMax.get() : Double.MAX_VALUE,
                value(ConfigKeys.CLEANER_BACKOFF));
    }

    private LivenessConfig liveness() throws ConfigException {
        Duration heartbeat = value(ConfigKeys.HEARTBEAT_INTERVAL);
        Duration session = value(ConfigKeys.SESSION_TIMEOUT);
        require(
                session.compareTo(heartbeat.multipliedBy(2)) >= 0,
                ConfigKeys.SESSION_TIMEOUT,
                "at least twice broker.heartbeat.interval.ms (" + heartbeat.toMillis() + ")");
        return new LivenessConfig(
                heartbeat, session, value(ConfigKeys.DISCONNECT_GRACE), value(ConfigKeys.REPLICA_LAG_MAX));
    }

    private GroupConfig groups() throws ConfigException {
        int sessionMin = value(ConfigKeys.GROUP_SESSION_MIN);
        int sessionMax = value(ConfigKeys.GROUP_SESSION_MAX);
        require(
                sessionMax >= sessionMin,
                ConfigKeys.GROUP_SESSION_MAX,
                "at least group.min.session.timeout.ms (" + sessionMin + ")");
        GroupSettings standard = GroupSettings.DEFAULT;
        GroupSettings settings = new GroupSettings(
                sessionMin,
                sessionMax,
                Math.clamp(standard.sessionMsDefault(), sessionMin, sessionMax),
                standard.rebalanceMsDefault(),
                value(ConfigKeys.GROUP_INITIAL_DELAY),
                value(ConfigKeys.GROUP_MEMBERS_MAX),
                value(ConfigKeys.OFFSET_METADATA_BYTES_MAX),
                Duration.ofMinutes(value(ConfigKeys.OFFSETS_RETENTION_MINUTES)).toMillis());
        return new GroupConfig(
                settings,
                value(ConfigKeys.OFFSETS_PARTITIONS),
                value(ConfigKeys.OFFSETS_REPLICATION),
                value(ConfigKeys.OFFSETS_SEGMENT_BYTES));
    }

    /** Milliseconds where they are given, else hours; -1 hours are -1. */
    private long millisOrHours(ConfigKey<Long> millis, ConfigKey<Long> hours) throws ConfigException {
        Optional<Long> given = optional(millis);
        long whole = value(hours);
        return given.orElse(whole < 0 ? -1 : Duration.ofHours(whole).toMillis());
    }

    private <T> T value(ConfigKey<T> key) throws ConfigException {
        Optional<T> given = optional(key);
        return given.isPresent() ? given.get() : key.parse(key.defaultText(), "the default");
    }

    private <T> Optional<T> optional(ConfigKey<T> key) throws ConfigException {
        Setting setting = settings.get(key.name());
        return setting == null ? Optional.empty() : Optional.of(key.parse(setting.text(), setting.origin()));
    }

    private void require(boolean holds, ConfigKey<?> key, String allowed) throws ConfigException {
        if (!holds) {
            Setting setting = settings.getOrDefault(
                    key.name(), new Setting(key.defaultText() == null ? "(none)" : key.defaultText(), "the default"));
            throw new ConfigException(key.name() + "=" + setting.text() + " from " + setting.origin()
                    + " is not allowed; allowed: " + allowed);
        }
    }

    /** A name under which others reach a listener: its own, or this machine's where it listens everywhere. */
    private static String reachableHost(HostPort listener) {
        if (!listener.isAllInterfaces()) {
            return listener.host();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // A machine that does not know its own name is not reached under it either.
        }
    }

    private static Optional<String> nearest(String name) {
        return ConfigKeys.ALL.stream()
                .map(ConfigKey::name)
                .filter(known -> distance(name, known) <= Math.max(2, name.length() / 5))
                .min(Comparator.comparingInt(known -> distance(name, known)));
    }

    /** Levenshtein distance: how many characters must be inserted, dropped or changed. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }

    private static SortedMap<String, String> sorted(Properties properties) {
        SortedMap<String, String> sorted = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> sorted.put(name, properties.getProperty(name)));
        return sorted;
    }
}
