package io.lograft.broker.log.io;

import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * Keeps the number of open files within a limit, however many logs there are: a file that was not used for long is closed,
 * and opened again with its next use. Shared by all stores of a process. Safe for use by several threads.
 *
 * <p>The limit is exceeded only by files that are in use at the same moment, of which there are no more than threads, and
 * by files that were deleted or replaced while they were open, which cannot be opened again.
 */
public final class OpenFiles {
    private final int filesMax;
    /** Those that may be closed, in the order in which they are looked at when one has to go. */
    private final LinkedHashSet<FileHandle> handles = new LinkedHashSet<>();

    private final LinkedHashSet<FileHandle> kept = new LinkedHashSet<>();
    private long opened;

    /** Opens nothing. */
    public OpenFiles(int filesMax) {
        if (filesMax < 1) {
            throw new IllegalArgumentException("a limit of " + filesMax + " open files");
        }
        this.filesMax = filesMax;
    }

    /** How many may be open. */
    public int filesMax() {
        return filesMax;
    }

    /** How many are open now. */
    public synchronized int count() {
        return handles.size() + kept.size();
    }

    /** How often a file was opened; if it grows all the time, the limit is too low for what is in use. */
    public synchronized long opened() {
        return opened;
    }

    /** Takes note of a handle that was opened just now. */
    synchronized void add(FileHandle handle) {
        opened++;
        handles.add(handle);
    }

    /** Closes what is above the limit, and was not used for longest. Not to be called with a file's monitor held. */
    void closeSurplus() {
        for (FileHandle retired = retireSurplus(); retired != null; retired = retireSurplus()) {
            retired.file().closeRetired(retired);
        }
    }

    private synchronized FileHandle retireSurplus() {
        boolean isSurplus = handles.size() + kept.size() > filesMax;
        for (int looks = isSurplus ? 2 * handles.size() : 0; looks > 0; looks--) {
            Iterator<FileHandle> first = handles.iterator();
            FileHandle handle = first.next();
            first.remove();
            if (!handle.takeRecent() && handle.retireIfIdle()) {
                return handle;
            }
            handles.add(handle);
        }
        return null;
    }

    /** It stays open until its file is closed. */
    synchronized void keep(FileHandle handle) {
        if (handles.remove(handle)) {
            kept.add(handle);
        }
    }

    /** It is about to be closed. */
    synchronized void remove(FileHandle handle) {
        if (!handles.remove(handle)) {
            kept.remove(handle);
        }
    }
}
