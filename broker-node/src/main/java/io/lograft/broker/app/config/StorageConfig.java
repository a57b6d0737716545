package io.lograft.broker.app.config;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.produce.ProduceRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The logs on disk.
 *
 * @param directories where partitions lie; a new one goes where there are fewest bytes
 * @param log settings of each partition's log
 * @param produce what batches from clients must be like where their topic says nothing else
 * @param recoveryThreads logs of one directory that are opened or closed at a time
 * @param openFilesMax how many files of logs may be open at a time, in all directories; empty for what the limit of the
 *     process suggests
 * @param upkeep what is done in the background
 */
public record StorageConfig(
        List<Path> directories,
        LogConfig log,
        ProduceRules produce,
        int recoveryThreads,
        Optional<Integer> openFilesMax,
        UpkeepConfig upkeep) {
    /** The key of {@link #directories}, for messages about them. */
    public static final String DIRECTORIES_KEY = "log.dirs";

    /** The key of {@link #openFilesMax}. */
    public static final String OPEN_FILES_KEY = "log.open.files.max";

    public StorageConfig {
        directories = List.copyOf(directories);
        if (directories.isEmpty()) {
            throw new IllegalArgumentException("a broker needs a log directory");
        }
    }
}
