package io.lograft.broker.log.move;

import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FileStore;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Replicas in a log directory that come from another one of the same broker, by the names of their directories:
 *
 * <pre>
 * orders-3.TOPICID-copying   a copy that is not complete; given away at the next start
 * orders-3.TOPICID-future    all that the replica had when it ended in the other directory, on the disk
 * orders-3                   the replica
 * </pre>
 *
 * The metadata say which directory counts. As long as that is the other one, a future replica is a spare copy; from then
 * on it is the replica, whether it has its last name yet or not.
 */
public final class FutureReplicas {
    private static final String COPYING_SUFFIX = "-copying";
    private static final String FUTURE_SUFFIX = "-future";

    private final FileStore store;
    private final DeletedTrees deleted;

    /** Of one log directory. */
    public FutureReplicas(FileStore store) {
        this.store = store;
        this.deleted = new DeletedTrees(store);
    }

    /** Gives away the copies that were never completed ({@link DeletedTrees}); to be done at a start. */
    public void giveAwayUnfinished() throws IOException {
        for (String name : store.list("")) {
            if (name.endsWith(COPYING_SUFFIX) && store.isDirectory(name)) {
                deleted.giveAway(name, name.substring(0, name.length() - COPYING_SUFFIX.length()));
            }
        }
    }

    /** The complete ones, with the names of their partitions. */
    public Map<PartitionId, TopicPartition> list() throws IOException {
        Map<PartitionId, TopicPartition> found = new TreeMap<>();
        for (String name : store.list("")) {
            if (store.isDirectory(name)) {
                noteIfFuture(name, found);
            }
        }
        return found;
    }

    /** A name that is not of this form is somebody else's, and left alone. */
    private static void noteIfFuture(String name, Map<PartitionId, TopicPartition> found) {
        int dot = name.lastIndexOf('.');
        int dash = dot < 0 ? -1 : name.lastIndexOf('-', dot);
        if (!name.endsWith(FUTURE_SUFFIX) || dash <= 0) {
            return;
        }
        try {
            int partition = Integer.parseInt(name.substring(dash + 1, dot));
            TopicId topic = TopicId.parse(name.substring(dot + 1, name.length() - FUTURE_SUFFIX.length()));
            found.put(new PartitionId(topic, partition), new TopicPartition(name.substring(0, dash), partition));
        } catch (IllegalArgumentException notOurs) {
            return;
        }
    }

    /** Makes the empty directory for a copy, in place of any earlier one; its name. A whole one goes with a later purge. */
    String begin(TopicPartition name, TopicId topic) throws IOException {
        giveAway(name, topic);
        dropUnfinished(name, topic);
        String copying = name + "." + topic + COPYING_SUFFIX;
        store.createDirectory(copying);
        return copying;
    }

    /** Deletes a copy that is not complete, if there is one. */
    public void dropUnfinished(TopicPartition name, TopicId topic) throws IOException {
        String copying = name + "." + topic + COPYING_SUFFIX;
        if (store.exists(copying)) {
            deleteTree(copying);
        }
    }

    /** The copy is complete, and all its files are on the disk: it gets its next name, durably. */
    void complete(TopicPartition name, TopicId topic) throws IOException {
        String copying = name + "." + topic + COPYING_SUFFIX;
        store.syncDirectory(copying);
        store.rename(copying, future(name, topic));
        store.syncDirectory("");
    }

    /** Makes a complete copy the replica, durably; there must be none of that name. */
    public void promote(TopicPartition name, TopicId topic) throws IOException {
        store.rename(future(name, topic), name.toString());
        store.syncDirectory("");
    }

    /** Gives away a complete copy ({@link DeletedTrees}), if there is one. */
    public void giveAway(TopicPartition name, TopicId topic) throws IOException {
        if (store.exists(future(name, topic))) {
            deleted.giveAway(future(name, topic), name + "." + topic);
        }
    }

    private static String future(TopicPartition name, TopicId topic) {
        return name + "." + topic + FUTURE_SUFFIX;
    }

    private void deleteTree(String directory) throws IOException {
        for (String name : store.list(directory)) {
            store.delete(directory + "/" + name);
        }
        store.delete(directory);
    }
}
