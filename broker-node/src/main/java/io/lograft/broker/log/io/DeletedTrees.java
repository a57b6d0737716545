package io.lograft.broker.log.io;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Directories of files that nobody needs any more. To delete large files takes the disk its time; so a directory is
 * renamed first, which is quick and for good, and its files are deleted later, also by a later process. Their names end
 * in {@code -delete}.
 */
public final class DeletedTrees {
    private static final String SUFFIX = "-delete";

    private final FileStore store;

    /** Of one store. */
    public DeletedTrees(FileStore store) {
        this.store = store;
    }

    /**
     * Renames a directory, durably; no file in it may be open.
     *
     * @param as how its new name is to begin
     */
    public void giveAway(String directory, String as) throws IOException {
        String renamed = as + SUFFIX;
        for (int i = 1; store.exists(renamed); i++) {
            renamed = as + "." + i + SUFFIX;
        }
        store.rename(directory, renamed);
        store.syncDirectory("");
    }

    /**
     * Deletes the files of all that was given away, file by file, and how many directories are gone then. Where one cannot
     * be deleted, those after it are all the same, and the first failure is thrown in the end. Directories may be given
     * away meanwhile, and a process before this one may be at the same still.
     *
     * @param isEnded asked before each file: true where the rest is to be left
     */
    public int delete(BooleanSupplier isEnded) throws IOException {
        int count = 0;
        IOException failure = null;
        for (String name : store.list("")) {
            if (name.endsWith(SUFFIX) && store.isDirectory(name)) {
                try {
                    count += deleteTree(name, isEnded) ? 1 : 0;
                } catch (IOException failed) {
                    failure = failure == null ? failed : failure;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return count;
    }

    private boolean deleteTree(String directory, BooleanSupplier isEnded) throws IOException {
        for (String file : files(directory)) {
            if (isEnded.getAsBoolean()) {
                return false;
            }
            store.delete(directory + "/" + file);
        }
        return !isEnded.getAsBoolean() && store.delete(directory);
    }

    private List<String> files(String directory) throws IOException {
        try {
            return store.list(directory);
        } catch (IOException failed) {
            if (store.exists(directory)) {
                throw failed;
            }
            return List.of();
        }
    }
}
