package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.LogRead;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.io.NioFileStore;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Log directories that earlier versions wrote, one for each change of a format, and one by Kafka. They stay for ever: every
 * later version has to read them, as an upgrade would. {@code -Dlograft.rewrite=true} writes the dumps that are expected,
 * never the files. {@code -Dlograft.golden=NAME} writes a new directory of today's format under a new name.
 */
final class GoldenFilesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/files");

    @TempDir
    private File root;

    static Stream<Path> directories() throws IOException {
        String wanted = System.getProperty("lograft.golden");
        if (wanted != null && !Files.exists(GOLDEN.resolve(wanted))) {
            Files.createDirectories(GOLDEN.resolve(wanted));
            SampleDirectory.write(GOLDEN.resolve(wanted).toFile());
            // What is locked is of no use later, and git keeps no such file.
            Files.deleteIfExists(GOLDEN.resolve(wanted).resolve(".lock"));
        }
        try (Stream<Path> found = Files.list(GOLDEN)) {
            return found.filter(Files::isDirectory).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("directories")
    void isDumpedAsEver(Path directory) throws IOException {
        Dumps.Result result =
                Dumps.run(directory.toFile(), options -> options.withRecords().asJson());
        assertThat(result.kind("problem")).isEmpty();
        String prefix = directory.toAbsolutePath().normalize().toString();
        List<String> lines = result.lines().stream()
                .map(line -> line.replace(prefix + "/", "").replace(prefix, "."))
                .toList();
        Path expected = GOLDEN.resolve(directory.getFileName() + ".jsonl");
        if (Boolean.getBoolean("lograft.rewrite")) {
            Files.write(expected, lines, StandardCharsets.UTF_8);
        }
        assertThat(lines).isEqualTo(Files.readAllLines(expected, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("directories")
    void isSound(Path directory) throws IOException {
        Dumps.Result result = Dumps.verify(directory.toFile());
        assertThat(result.kind("problem")).isEmpty();
        assertThat(result.problems()).isZero();
    }

    @ParameterizedTest
    @MethodSource("directories")
    void isOpenedAndReadToItsEnd(Path directory) throws IOException {
        if (directory.getFileName().toString().startsWith("kafka")) {
            // Kafka's directory has its own identity; its segments are dumped and checked above.
            return;
        }
        copy(directory, root.toPath());
        LogDirectory opened = LogDirectory.open(NioFileStore.createAt(root.getPath()), "boot-1");
        assertThat(opened.lastStop().isClean()).isTrue();
        opened.beginWriting();
        long records = 0;
        for (var name : opened.partitions().keySet()) {
            PartitionLog log = opened.openPartition(name, SampleDirectory.CONFIG, 2000);
            for (long offset = log.logStartOffset(); offset < log.logEndOffset(); ) {
                var batches = (LogRead.Batches) log.read(offset, 1 << 20, Long.MAX_VALUE);
                records += batches.nextOffset() - offset;
                offset = batches.nextOffset();
            }
            log.abandon();
        }
        opened.close();
        assertThat(records).isEqualTo(53);
        assertThat(Dumps.verify(root).problems()).isZero();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
