package io.lograft.broker.sim;

import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.ForwardingStore;
import io.lograft.broker.log.io.LogFile;
import java.io.IOException;

/** For deliberate mistakes: a disk whose user forgets to force files, or to sync directories. */
final class CarelessStore extends ForwardingStore {
    private final Mutation mutation;

    CarelessStore(FileStore files, Mutation mutation) {
        super(files);
        this.mutation = mutation;
    }

    @Override
    public LogFile open(String path, OpenMode mode) throws IOException {
        return new ForwardingFile(super.open(path, mode)) {
            @Override
            public void force() throws IOException {
                if (mutation != Mutation.FSYNC_SKIPPED) {
                    super.force();
                }
            }
        };
    }

    @Override
    public void syncDirectory(String directory) throws IOException {
        if (mutation != Mutation.DIRECTORY_SYNC_SKIPPED) {
            super.syncDirectory(directory);
        }
    }
}
