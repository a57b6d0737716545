package io.lograft.broker.app.storage;

import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * One log directory of the broker, locked, and what was found in it. Used by one thread at a time: by that which starts
 * the broker, then by the storage thread.
 */
public final class LogStorage implements AutoCloseable {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final BrokerId broker;
    private final LogDirectory directory;
    private final DirectoryId directoryId;
    private final String clusterId;
    private final LostReplicas.Found found;

    private LogStorage(
            BrokerId broker,
            LogDirectory directory,
            DirectoryId directoryId,
            String clusterId,
            LostReplicas.Found found) {
        this.broker = broker;
        this.directory = directory;
        this.directoryId = directoryId;
        this.clusterId = clusterId;
        this.found = found;
    }

    /** Locks the directory; fails where it is in use, or belongs to another broker. */
    static LogStorage open(BrokerId broker, Path path, OpenFiles openFiles) throws IOException {
        LogDirectory directory = LogDirectory.open(new NioFileStore(path, openFiles), bootId());
        try {
            Optional<LogDirectory.Identity> identity = directory.identity();
            if (identity.isPresent() && identity.get().brokerId() != broker.value()) {
                throw new WrongDirectoryException(path + " belongs to broker "
                        + identity.get().brokerId() + ", this is broker " + broker + " (broker.id)");
            }
            if (identity.isEmpty() && directory.hasPartitions()) {
                throw new WrongDirectoryException(
                        path + " holds partitions, but no meta.properties that says whose they are;"
                                + " restore that file, or empty the directory to have it refilled from the other replicas");
            }
            LogDirectory.LastStop stop = directory.lastStop();
            LostReplicas.Found found = new LostReplicas.Found(
                    identity.isEmpty(),
                    identity.map(LogDirectory.Identity::brokerEpoch).orElse(-1L),
                    stop.isClean() || stop.isSameBoot());
            DirectoryId id = identity.map(known -> DirectoryId.parse(known.directoryId()))
                    .orElseGet(() -> new DirectoryId(UUID.randomUUID()));
            String clusterId = identity.map(LogDirectory.Identity::clusterId).orElse("");
            return new LogStorage(broker, directory, id, clusterId, found);
        } catch (IOException failed) {
            directory.close();
            throw failed;
        }
    }

    /** Changes with each start of the machine; empty where the platform does not tell. */
    private static String bootId() throws IOException {
        try {
            return Files.readString(BOOT_ID, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException unknown) {
            return "";
        }
    }

    public LogDirectory directory() {
        return directory;
    }

    /** Random, written into the directory when it is first used. */
    public DirectoryId directoryId() {
        return directoryId;
    }

    /** Empty for a directory that has never been used. */
    String clusterId() {
        return clusterId;
    }

    public LostReplicas.Found found() {
        return found;
    }

    /** Records durably under which registration the directory is used from now on. */
    public void record(String cluster, long brokerEpoch) throws IOException {
        directory.recordIdentity(
                new LogDirectory.Identity(cluster, directoryId.toString(), broker.value(), brokerEpoch));
    }

    /** Records that the broker was let in under this registration: whatever the directory has lost is known. */
    public void recordLetIn(String cluster, long brokerEpoch) throws IOException {
        boolean isRecorded = directory
                .identity()
                .filter(known -> known.brokerEpoch() == brokerEpoch)
                .isPresent();
        if (!isRecorded) {
            record(cluster, brokerEpoch);
        }
        directory.lossesTold();
    }

    @Override
    public void close() {
        directory.close();
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
