package io.lograft.broker.dump;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Names of files and what they say. Stateless. */
final class FileNames {
    static final String LOG = ".log";
    static final String OFFSET_INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String SNAPSHOT = ".snapshot";
    static final String EPOCHS = "leader-epoch-checkpoint";
    static final String PARTITION_METADATA = "partition.metadata";
    static final String TRUNCATION_POINT = "truncation-point";
    static final String COMPACTION = "compaction-checkpoint";
    static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    static final String HIGH_WATERMARKS = "replication-offset-checkpoint";
    static final String LOG_STARTS = "log-start-offset-checkpoint";
    /** Kafka's, of all compacted partitions of a log directory. */
    static final String CLEANER_OFFSETS = "cleaner-offset-checkpoint";

    static final String META = "meta.properties";
    static final String CLEAN = ".clean-shutdown";
    /** Kafka's mark of a clean stop. */
    static final String KAFKA_CLEAN = ".kafka_cleanshutdown";

    static final String GROUP_LOG = "__consumer_offsets";

    private static final int OFFSET_DIGITS = 20;

    private FileNames() {}

    static String of(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    /** A path without its last suffix. */
    static String stem(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') ? path.substring(0, dot) : path;
    }

    static String offsetName(long offset, String suffix) {
        return String.format(Locale.ROOT, "%0" + OFFSET_DIGITS + "d", offset) + suffix;
    }

    /** The offset in the name of a file with this suffix; empty where it has another name. */
    static OptionalLong offset(String name, String suffix) {
        boolean fits = name.length() == OFFSET_DIGITS + suffix.length()
                && name.endsWith(suffix)
                && name.substring(0, OFFSET_DIGITS).chars().allMatch(c -> c >= '0' && c <= '9');
        try {
            return fits ? OptionalLong.of(Long.parseLong(name.substring(0, OFFSET_DIGITS))) : OptionalLong.empty();
        } catch (NumberFormatException tooLarge) {
            return OptionalLong.empty();
        }
    }

    /** The offset that a name begins with, whatever its suffix; empty for other names. */
    static OptionalLong leadingOffset(String name) {
        return name.length() > OFFSET_DIGITS ? offset(name, name.substring(OFFSET_DIGITS)) : OptionalLong.empty();
    }

    /** The offsets of all files with the suffix, ascending. */
    static List<Long> offsets(List<String> names, String suffix) {
        List<Long> offsets = new ArrayList<>();
        for (String name : names) {
            offset(name, suffix).ifPresent(offsets::add);
        }
        return offsets;
    }

    /** True for {@code <topic>-<partition>}. */
    static boolean isPartition(String name) {
        return name.matches(".+-[0-9]{1,9}");
    }

    static String topic(String partitionName) {
        return partitionName.substring(0, partitionName.lastIndexOf('-'));
    }

    static int partition(String partitionName) {
        return Integer.parseInt(partitionName.substring(partitionName.lastIndexOf('-') + 1));
    }
}
