package io.lograft.broker.app;

import io.lograft.broker.app.config.BrokerConfig;
import io.lograft.broker.app.config.ConfigException;
import io.lograft.broker.app.config.MetadataConfig;
import io.lograft.broker.app.config.StorageConfig;
import io.lograft.broker.app.storage.DiskReserve;
import io.lograft.cli.local.ProcessMark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directories of a broker as its process sees them: whether they can be used, and the file {@code broker.pid} in the
 * first log directory that can be used, which says what process uses them. The file is for people and for {@code broker stop}; what keeps
 * two brokers apart is the lock that the logs take.
 */
final class BrokerDirectories {
    private final BrokerConfig config;

    BrokerDirectories(BrokerConfig config) {
        this.config = config;
    }

    /** File that a broker in the background writes its output to. */
    Path outputFile() {
        return first().resolve("broker.out");
    }

    /**
     * Creates what is missing, and fails with one line where a directory cannot be used. Of several log directories one
     * may be broken: its replicas are offline then.
     */
    void prepare() throws ConfigException {
        ConfigException unusable = null;
        boolean isOneUsable = false;
        for (Path directory : config.storage().directories()) {
            try {
                prepare(StorageConfig.DIRECTORIES_KEY, directory);
                isOneUsable = true;
            } catch (ConfigException failed) {
                boolean isNoDirectory = Files.exists(directory) && !Files.isDirectory(directory);
                if (isNoDirectory) {
                    throw failed;
                }
                unusable = failed;
            }
        }
        if (!isOneUsable && unusable != null) {
            throw unusable;
        }
        if (config.isVoter()) {
            prepare(MetadataConfig.DIRECTORY_KEY, config.metadata().directory());
        }
    }

    /** What keeps room on the disks for what has to be written even when others have filled them. */
    static List<DiskReserve> reserves(BrokerConfig config) {
        List<DiskReserve> reserves = new ArrayList<>();
        config.storage().directories().stream().map(DiskReserve::new).forEach(reserves::add);
        if (config.isVoter()) {
            reserves.add(new DiskReserve(config.metadata().directory()));
        }
        return reserves;
    }

    /** The process that was started last with these directories, if it still runs. */
    Optional<ProcessHandle> runningProcess() throws IOException {
        try {
            // Any byte is a character of this one: a damaged file names no process, and keeps no broker from starting.
            String text = Files.readString(pidFile(), StandardCharsets.ISO_8859_1);
            return ProcessMark.parse(text).flatMap(ProcessMark::find);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Says that this process uses the directories. */
    void markRunning() throws IOException {
        Files.writeString(pidFile(), ProcessMark.of(ProcessHandle.current()).text());
    }

    /** Takes back what {@link #markRunning} said. */
    void unmark() throws IOException {
        Files.deleteIfExists(pidFile());
    }

    private static void prepare(String key, Path directory) throws ConfigException {
        String reason;
        try {
            Files.createDirectories(directory);
            new DiskReserve(directory).look();
            Files.delete(Files.createTempFile(directory, ".probe", null));
            return;
        } catch (FileAlreadyExistsException e) {
            reason = "it is not a directory";
        } catch (IOException e) {
            reason = e.toString();
        }
        throw new ConfigException(key + "=" + directory + " cannot be used (" + reason
                + "); allowed: a directory that exists or can be made, in which this user may write");
    }

    private Path pidFile() {
        return first().resolve("broker.pid");
    }

    /** The first that can be written to: the same one for whoever looks, unless a disk breaks or comes back meanwhile. */
    private Path first() {
        List<Path> all = config.storage().directories();
        return all.stream().filter(Files::isWritable).findFirst().orElse(all.get(0));
    }
}
