package io.lograft.metadata.command;

import java.util.ArrayList;
import java.util.List;

/**
 * The log directories of a broker, as it has told them.
 *
 * @param usable hold replicas that can be used
 * @param full those of the usable ones that take no records now; what is in them can be read
 * @param offline were usable, and are configured still, but cannot be used now: what is in them may come back. One that
 *     is usable again stays in the list until the broker is let in, so that the broker learns how old it may be
 */
public record BrokerDirectories(List<DirectoryId> usable, List<DirectoryId> full, List<Offline> offline) {

    /**
     * A directory that its broker cannot use now.
     *
     * @param lastUnfencedEpoch the broker's last registration that was let in while it could; a directory that comes
     *     back with an older one is an old copy
     */
    public record Offline(DirectoryId id, long lastUnfencedEpoch) {}

    public BrokerDirectories {
        usable = usable.stream().sorted().distinct().toList();
        full = full.stream().filter(usable::contains).sorted().distinct().toList();
        offline = List.copyOf(offline);
    }

    /** All of them usable and with room. */
    public static BrokerDirectories of(List<DirectoryId> usable) {
        return new BrokerDirectories(usable, List.of(), List.of());
    }

    /** True where a replica in that directory can be used; one without a directory is wherever the broker puts it. */
    public boolean isUsable(DirectoryId directory) {
        return !directory.isAssigned() || usable.contains(directory);
    }

    /** True where a replica in that directory takes records. */
    public boolean hasRoom(DirectoryId directory) {
        return directory.isAssigned() ? !full.contains(directory) : full.size() < usable.size() || usable.isEmpty();
    }

    /** True where what is in that directory cannot be used now, but may come back. */
    public boolean isOffline(DirectoryId directory) {
        return !usable.contains(directory)
                && offline.stream().anyMatch(known -> known.id().equals(directory));
    }

    /** Directories that cannot be used now, but may come back. */
    public List<DirectoryId> offlineIds() {
        return offline.stream()
                .map(Offline::id)
                .filter(id -> !usable.contains(id))
                .toList();
    }

    /** The last registration of the broker that was let in while this directory could be used. */
    public long lastUnfencedEpoch(DirectoryId directory, long ofTheBroker) {
        return offline.stream()
                .filter(known -> known.id().equals(directory))
                .map(Offline::lastUnfencedEpoch)
                .findFirst()
                .orElse(ofTheBroker);
    }

    /**
     * What is known after a new process has registered.
     *
     * @param now what the new process can use
     * @param isComplete all directories that are configured can be used: what is missing was taken away for good
     * @param lastUnfencedEpoch of the broker, before
     */
    public BrokerDirectories registered(List<DirectoryId> now, boolean isComplete, long lastUnfencedEpoch) {
        List<Offline> kept = new ArrayList<>();
        for (Offline known : offline) {
            if (!isComplete || now.contains(known.id())) {
                kept.add(known);
            }
        }
        for (DirectoryId former : usable) {
            boolean isKnown = kept.stream().anyMatch(known -> known.id().equals(former));
            if (!isComplete && !isKnown && !now.contains(former)) {
                kept.add(new Offline(former, lastUnfencedEpoch));
            }
        }
        return new BrokerDirectories(now, List.of(), kept);
    }

    /** What is known once the broker is let in: its usable directories have told what they lack. */
    public BrokerDirectories letIn() {
        return new BrokerDirectories(
                usable,
                full,
                offline.stream().filter(known -> !usable.contains(known.id())).toList());
    }

    /**
     * What is known after the broker has told how its directories are.
     *
     * @param failed can be used no more by this process
     * @param lastUnfencedEpoch of the broker
     */
    public BrokerDirectories reported(List<DirectoryId> failed, List<DirectoryId> nowFull, long lastUnfencedEpoch) {
        List<DirectoryId> left =
                usable.stream().filter(id -> !failed.contains(id)).toList();
        List<Offline> gone = new ArrayList<>(offline);
        for (DirectoryId id : usable) {
            boolean isKnown = gone.stream().anyMatch(known -> known.id().equals(id));
            if (failed.contains(id) && !isKnown) {
                gone.add(new Offline(id, lastUnfencedEpoch));
            }
        }
        return new BrokerDirectories(left, nowFull, gone);
    }
}
