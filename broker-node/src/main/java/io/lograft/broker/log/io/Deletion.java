package io.lograft.broker.log.io;

import java.io.IOException;

/** Files that nobody needs any more and that are still to be deleted; on any thread that may block. */
public interface Deletion {
    /** Closes and deletes them. */
    void run() throws IOException;

    /** Bytes of batches that leave the log with them; 0 where others took their place before. */
    default long recordBytes() {
        return 0;
    }
}
