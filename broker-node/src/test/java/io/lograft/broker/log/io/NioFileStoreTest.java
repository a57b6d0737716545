package io.lograft.broker.log.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NioFileStoreTest extends FileStoreContract {
    @TempDir
    private Path root;

    @Override
    FileStore store() {
        return new NioFileStore(root);
    }

    @Test
    void aFullDiskHasItsOwnException() {
        assertThat(NioFileStore.named(new IOException("No space left on device")))
                .isInstanceOf(DiskFullException.class);
        assertThat(NioFileStore.named(new IOException("Disk quota exceeded"))).isInstanceOf(DiskFullException.class);
        assertThat(NioFileStore.named(new IOException("Input/output error"))).isNotInstanceOf(DiskFullException.class);
    }
}
