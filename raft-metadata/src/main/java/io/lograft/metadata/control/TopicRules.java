package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What a topic may be called, and what its settings may be. */
public final class TopicRules {
    /** More partitions in one topic are refused. */
    public static final int PARTITIONS_MAX = 10_000;

    /** More replicas of one partition, with those that a reassignment adds, are refused: leaders keep sets of 64 bits. */
    public static final int REPLICAS_MAX = 64;

    /** Setting that each topic has of its own: the minimum of in-sync replicas. */
    public static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    /** Setting that each topic has of its own: {@code commit} or {@code os}. */
    public static final String FLUSH_MODE = "flush.mode";

    /** Name of the internal topic that holds consumer groups; users neither make it nor delete it nor write to it. */
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    private static final int NAME_CHARS_MAX = 249;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]+");
    private static final SortedMap<String, Rule> RULES = rules();

    private TopicRules() {}

    /** The refusal of a name that no topic may have. */
    public static Optional<CommandReply> checkName(String name) {
        boolean legal = NAME.matcher(name).matches()
                && name.length() <= NAME_CHARS_MAX
                && !name.equals(".")
                && !name.equals("..");
        return legal
                ? Optional.empty()
                : Optional.of(CommandReply.refused(
                        ErrorCode.INVALID_TOPIC_NAME,
                        "'" + abbreviate(name) + "' is no topic name: 1 to " + NAME_CHARS_MAX
                                + " of ASCII letters, digits, '.', '_' and '-', not \".\" or \"..\""));
    }

    /** The refusal of the first setting that is unknown or has a value that is not allowed. */
    public static Optional<CommandReply> checkConfigs(SortedMap<String, String> configs) {
        for (Map.Entry<String, String> config : configs.entrySet()) {
            Rule rule = RULES.get(config.getKey());
            if (rule == null) {
                return Optional.of(unknown(config.getKey()));
            }
            if (!rule.allows(config.getValue())) {
                return Optional.of(CommandReply.refused(
                        ErrorCode.INVALID_CONFIG,
                        "topic setting " + config.getKey() + " is '" + abbreviate(config.getValue()) + "', allowed is "
                                + rule.allowed()));
            }
        }
        return Optional.empty();
    }

    /** Takes the minimum of in-sync replicas, checked before, out of the settings; the other value where it is not there. */
    static int takeMinimum(SortedMap<String, String> configs, int otherwise) {
        String minimum = configs.remove(MIN_INSYNC_REPLICAS);
        return minimum == null ? otherwise : Integer.parseInt(minimum);
    }

    /** The same with the flush mode. */
    static FlushMode takeFlushMode(SortedMap<String, String> configs, FlushMode otherwise) {
        String mode = configs.remove(FLUSH_MODE);
        return mode == null ? otherwise : FlushMode.valueOf(mode.toUpperCase(Locale.ROOT));
    }

    /** The refusal of the first key that no setting has. */
    static Optional<CommandReply> checkKeys(SortedSet<String> keys) {
        return keys.stream().filter(key -> !RULES.containsKey(key)).findFirst().map(TopicRules::unknown);
    }

    private static CommandReply unknown(String key) {
        return CommandReply.refused(
                ErrorCode.INVALID_CONFIG,
                "unknown topic setting '" + abbreviate(key) + "'; known are " + String.join(", ", RULES.keySet()));
    }

    /** Names of all settings that a topic can have, sorted. */
    public static Set<String> configKeys() {
        return RULES.keySet();
    }

    private static SortedMap<String, Rule> rules() {
        SortedMap<String, Rule> rules = new TreeMap<>();
        rules.put("cleanup.policy", new Words(true, "delete", "compact"));
        rules.put("compression.gzip.level", new Range(-1, 9));
        rules.put("compression.lz4.level", new Range(1, 17));
        rules.put(
                "compression.type",
                new Words(false, "producer", "uncompressed", "none", "gzip", "snappy", "lz4", "zstd"));
        rules.put("compression.zstd.level", new Range(-131_072, 22));
        rules.put("delete.retention.ms", new Range(0, Long.MAX_VALUE));
        rules.put(FLUSH_MODE, new Words(false, "commit", "os"));
        rules.put("index.interval.bytes", new Range(0, Integer.MAX_VALUE));
        rules.put("max.compaction.lag.ms", new Range(1, Long.MAX_VALUE));
        rules.put("max.message.bytes", new Range(1, Integer.MAX_VALUE));
        rules.put("message.timestamp.after.max.ms", new Range(0, Long.MAX_VALUE));
        rules.put("message.timestamp.before.max.ms", new Range(0, Long.MAX_VALUE));
        rules.put("message.timestamp.type", new Words(false, "CreateTime", "LogAppendTime"));
        rules.put("min.cleanable.dirty.ratio", new Ratio());
        rules.put("min.compaction.lag.ms", new Range(0, Long.MAX_VALUE));
        rules.put(MIN_INSYNC_REPLICAS, new Range(1, Short.MAX_VALUE));
        rules.put("retention.bytes", new Range(-1, Long.MAX_VALUE));
        rules.put("retention.ms", new Range(-1, Long.MAX_VALUE));
        rules.put("segment.bytes", new Range(1024, Integer.MAX_VALUE));
        rules.put("segment.ms", new Range(1, Long.MAX_VALUE));
        return Collections.unmodifiableSortedMap(rules);
    }

    /** A text that somebody sent, short enough for a message. */
    public static String abbreviate(String text) {
        int charsMax = 64;
        return text.length() <= charsMax
                ? text
                : String.format(Locale.ROOT, "%s... (%d characters)", text.substring(0, charsMax), text.length());
    }

    /** What values a setting may have. */
    private sealed interface Rule {
        boolean allows(String value);

        /** For a message: what is allowed. */
        String allowed();
    }

    private record Range(long min, long max) implements Rule {
        @Override
        public boolean allows(String value) {
            try {
                long number = Long.parseLong(value);
                return number >= min && number <= max;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        @Override
        public String allowed() {
            return "a number from " + min + " to " + max;
        }
    }

    private record Ratio() implements Rule {
        @Override
        public boolean allows(String value) {
            return value.length() <= 20 && value.matches("0(\\.[0-9]+)?|1(\\.0+)?");
        }

        @Override
        public String allowed() {
            return "a number from 0 to 1";
        }
    }

    private record Words(boolean several, Set<String> words) implements Rule {
        private Words(boolean several, String... words) {
            this(several, new TreeSet<>(Set.of(words)));
        }

        @Override
        public boolean allows(String value) {
            if (!several) {
                return words.contains(value);
            }
            for (String word : value.split(",", -1)) {
                if (!words.contains(word.strip())) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String allowed() {
            return (several ? "one or more of " : "one of ") + String.join(", ", words);
        }
    }
}
