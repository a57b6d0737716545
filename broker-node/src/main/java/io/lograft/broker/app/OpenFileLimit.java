package io.lograft.broker.app;

import com.sun.management.UnixOperatingSystemMXBean;
import io.lograft.broker.app.config.ConfigException;
import io.lograft.broker.app.config.StorageConfig;
import io.lograft.broker.log.io.OpenFiles;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many files of logs this process may have open at a time. The limit of the process ({@code ulimit -n}, which the JVM
 * raises to what it may have at most) is for connections and the metadata, too.
 */
final class OpenFileLimit {
    private static final Logger LOG = LoggerFactory.getLogger(OpenFileLimit.class);

    /** Descriptors for connections, metadata and jars. */
    static final int OTHERS = 512;

    /** With fewer a broker would open files most of the time. */
    static final int LOG_FILES_MIN = 128;

    /** More than this would cost memory for files that are hardly used. */
    static final int LOG_FILES_USUAL = 4_096;

    private OpenFileLimit() {}

    /** The configured number, or what suits the limit of this process; fails where that is too low. */
    static OpenFiles openFiles(Optional<Integer> configured) throws ConfigException {
        OptionalLong limit = limit();
        int files = filesMax(configured, limit);
        LOG.info(
                "up to {} files of logs are kept open ({}), the process may have {} files open (ulimit -n)",
                files,
                StorageConfig.OPEN_FILES_KEY,
                limit.isPresent() ? limit.getAsLong() : "an unknown number of");
        return new OpenFiles(files);
    }

    /** The limit of the process; empty where the platform does not tell. */
    private static OptionalLong limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? OptionalLong.of(system.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }

    static int filesMax(Optional<Integer> configured, OptionalLong limit) throws ConfigException {
        long forLogs = limit.orElse(Long.MAX_VALUE) - OTHERS;
        if (configured.isPresent() && configured.get() > forLogs) {
            throw new ConfigException(StorageConfig.OPEN_FILES_KEY + "=" + configured.get() + " takes a limit of "
                    + ((long) configured.get() + OTHERS) + " open files, but this process may have "
                    + limit.getAsLong() + " (ulimit -n); raise that limit, or lower the value to "
                    + Math.max(0, forLogs) + " at most");
        }
        if (forLogs < LOG_FILES_MIN) {
            throw new ConfigException("this process may have " + limit.getAsLong()
                    + " files open (ulimit -n), a broker needs " + (OTHERS + LOG_FILES_MIN) + " at least");
        }
        return configured.orElse((int) Math.min(LOG_FILES_USUAL, Math.max(LOG_FILES_MIN, forLogs / 2)));
    }
}
