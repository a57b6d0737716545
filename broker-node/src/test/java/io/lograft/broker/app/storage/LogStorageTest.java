package io.lograft.broker.app.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.io.OpenFiles;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStorageTest {
    private static final BrokerId BROKER = new BrokerId(3);
    private static final OpenFiles OPEN_FILES = new OpenFiles(64);

    @TempDir
    Path directory;

    @Test
    void knowsItsIdentityAgain() throws IOException {
        try (LogStorage storage = LogStorage.open(BROKER, directory, OPEN_FILES)) {
            assertThat(storage.found().isNew()).isTrue();
            storage.record("cluster", 7);
        }
        try (LogStorage storage = LogStorage.open(BROKER, directory, OPEN_FILES)) {
            assertThat(storage.found().isNew()).isFalse();
            assertThat(storage.found().brokerEpoch()).isEqualTo(7);
            assertThat(storage.clusterId()).isEqualTo("cluster");
        }
        assertThatThrownBy(() -> LogStorage.open(new BrokerId(4), directory, OPEN_FILES))
                .hasMessageContaining("belongs to broker 3");
    }

    /** Who it belongs to, and how old it is, nobody knows: to take it for new would be to trust it. */
    @Test
    void partitionsWithoutAnIdentityAreNotTakenForANewDirectory() throws IOException {
        try (LogStorage storage = LogStorage.open(BROKER, directory, OPEN_FILES)) {
            storage.record("cluster", 7);
        }
        Files.createDirectory(directory.resolve("orders-0"));
        Files.delete(directory.resolve("meta.properties"));
        assertThatThrownBy(() -> LogStorage.open(BROKER, directory, OPEN_FILES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory + " holds partitions, but no meta.properties");
        Files.delete(directory.resolve("orders-0"));
        LogStorage.open(BROKER, directory, OPEN_FILES).close();
    }
}
