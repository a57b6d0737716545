package io.lograft.broker.replica.purge;

import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.io.DeletedTrees;
import io.lograft.broker.log.io.FileStore;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what was given away in a log directory ({@link DeletedTrees}), one purge at a time, on a thread of its own: it
 * takes long where there are many gigabytes, and neither the metadata's news nor the flushes of other replicas wait for
 * it. Owned by: storage thread.
 */
public final class Purger {
    private static final Logger LOG = LoggerFactory.getLogger(Purger.class);

    private final FileStore store;
    private final DeletedTrees deleted;
    private final Workers thread;
    /** A purge waits for its turn; it sees all that is given away by then. */
    private final AtomicBoolean isWaiting = new AtomicBoolean();

    private volatile boolean isEnded;
    private CompletableFuture<Void> idle;

    /**
     * Does nothing yet.
     *
     * @param store the log directory
     * @param fatal told of an invariant that is broken
     */
    public Purger(FileStore store, Consumer<Throwable> fatal) {
        this.store = store;
        this.deleted = new DeletedTrees(store);
        this.thread = new Workers("purge", 1, fatal);
    }

    /** Something was given away. */
    public void begin() {
        if (!isEnded && isWaiting.compareAndSet(false, true)) {
            thread.execute(this::purge);
        }
    }

    private void purge() {
        isWaiting.set(false);
        try {
            int count = deleted.delete(() -> isEnded);
            if (count > 0) {
                LOG.info("{}: the files of {} replicas that were deleted are gone", store, count);
            }
        } catch (IOException failed) {
            // No replica depends on them. A disk that is broken fails its next flush, too.
            LOG.error(
                    "{}: files of deleted replicas take room still; they are tried again with the next replica that is"
                            + " deleted here, or at the next start: {}",
                    store,
                    failed.toString());
        }
    }

    /** Ends with the file that is being deleted, if any, and completes then; the rest waits for the next start. */
    public CompletableFuture<Void> end() {
        if (!isEnded) {
            isEnded = true;
            CompletableFuture<Void> ended = new CompletableFuture<>();
            thread.execute(() -> ended.complete(null));
            thread.endWhenDone();
            idle = ended;
        }
        return idle;
    }
}
