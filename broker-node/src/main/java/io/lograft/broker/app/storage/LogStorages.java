package io.lograft.broker.app.storage;

import io.lograft.broker.cluster.SessionConfig;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.io.OpenFiles;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All log directories of the broker. One that cannot be used at the start, or fails later, is offline until the next
 * start; the broker goes on with the others as long as there is one. Safe for use by several threads.
 */
public final class LogStorages implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogStorages.class);

    private final List<LogStorage> opened;
    /** Directories that could not be opened, with the reason. */
    private final Map<Path, String> absent;

    private final Set<DirectoryId> failed = ConcurrentHashMap.newKeySet();

    private LogStorages(List<LogStorage> opened, Map<Path, String> absent) {
        this.opened = List.copyOf(opened);
        this.absent = Map.copyOf(absent);
    }

    /**
     * Locks the directories.
     *
     * @throws IOException if one belongs to another broker, cluster or process, two have the same id, or none can be used
     */
    public static LogStorages open(BrokerId broker, List<Path> paths, OpenFiles openFiles) throws IOException {
        List<LogStorage> opened = new ArrayList<>();
        Map<Path, String> absent = new LinkedHashMap<>();
        try {
            for (Path path : paths) {
                try {
                    opened.add(LogStorage.open(broker, path, openFiles));
                } catch (WrongDirectoryException | LogDirectory.InUseException notOurs) {
                    throw notOurs;
                } catch (IOException unusable) {
                    LOG.error(
                            "log directory {} cannot be used, its replicas are offline: {}", path, unusable.toString());
                    absent.put(path, unusable.toString());
                }
            }
            checkTogether(opened);
            if (opened.isEmpty()) {
                throw new IOException("no log directory can be used: " + absent);
            }
            return new LogStorages(opened, absent);
        } catch (IOException refused) {
            opened.forEach(LogStorage::close);
            throw refused;
        }
    }

    private static void checkTogether(List<LogStorage> opened) throws WrongDirectoryException {
        Map<DirectoryId, LogStorage> byId = new LinkedHashMap<>();
        LogStorage first = null;
        for (LogStorage storage : opened) {
            LogStorage twin = byId.put(storage.directoryId(), storage);
            if (twin != null) {
                throw new WrongDirectoryException("log directories " + twin + " and " + storage + " have the same id "
                        + storage.directoryId() + ": one is a copy of the other; use only one of them (log.dirs)");
            }
            if (storage.clusterId().isEmpty()) {
                continue;
            }
            if (first != null && !first.clusterId().equals(storage.clusterId())) {
                throw new WrongDirectoryException("log directory " + first + " belongs to cluster " + first.clusterId()
                        + ", but " + storage + " to cluster " + storage.clusterId());
            }
            first = storage;
        }
    }

    /** Those that could be opened, failed since or not. */
    public List<LogStorage> opened() {
        return opened;
    }

    /** Those that can be used now. */
    public List<LogStorage> usable() {
        return opened.stream()
                .filter(storage -> !failed.contains(storage.directoryId()))
                .toList();
    }

    /** The one with that id, if it can be used now. */
    boolean isUsable(DirectoryId id) {
        return usable().stream().anyMatch(storage -> storage.directoryId().equals(id));
    }

    /** True where all that are configured can be used. */
    public boolean isComplete() {
        return absent.isEmpty() && failed.isEmpty();
    }

    /** Number of directories that are configured and cannot be used. */
    public int offlineCount() {
        return absent.size() + failed.size();
    }

    /** Paths of those that could not be opened. */
    List<String> absentPaths() {
        return absent.keySet().stream().map(Path::toString).sorted().toList();
    }

    /** What to say about those that cannot be used; empty where there are none. */
    public String note() {
        List<String> offline = new ArrayList<>();
        absent.keySet().forEach(path -> offline.add(path.toString()));
        opened.stream()
                .filter(storage -> failed.contains(storage.directoryId()))
                .forEach(storage -> offline.add(storage.toString()));
        return offline.isEmpty() ? "" : "log directories offline: " + String.join(", ", offline);
    }

    /** What a registration says about them. */
    public SessionConfig.Directories registration() {
        return new SessionConfig.Directories(
                usable().stream().map(LogStorage::directoryId).toList(), isComplete());
    }

    /** Directories that have failed since the start. */
    Set<DirectoryId> failed() {
        return Set.copyOf(failed);
    }

    /** A directory has failed; false where that was known. */
    boolean fail(DirectoryId id) {
        return failed.add(id);
    }

    /** Empty for a broker that has never been part of a cluster. */
    public String clusterId() {
        return opened.stream()
                .map(LogStorage::clusterId)
                .filter(id -> !id.isEmpty())
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        opened.forEach(LogStorage::close);
    }
}
