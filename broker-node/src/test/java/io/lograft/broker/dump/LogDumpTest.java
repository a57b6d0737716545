package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogDumpTest {
    @TempDir
    private File root;

    private Path partition() {
        return root.toPath().resolve("orders-0");
    }

    @Test
    void findsNothingWrongWithWhatTheBrokerWrote() throws IOException {
        SampleDirectory.write(root);
        Dumps.Result result = Dumps.verify(root);
        assertThat(result.lines()).as("all lines").noneMatch(line -> line.startsWith("problem"));
        assertThat(result.problems()).isZero();
        assertThat(result.kind("notice")).isEmpty();
        assertThat(result.kind("summary").getFirst()).contains("batches=25", "isGood=true");
    }

    @Test
    void takesNoLockAndChangesNothing() throws IOException {
        SampleDirectory sample = SampleDirectory.open(root);
        Map<String, Long> before = files(root.toPath());
        assertThat(Dumps.verify(root).problems()).isZero();
        assertThat(Dumps.run(root, DumpOptions::withRecords).problems()).isZero();
        assertThat(files(root.toPath())).isEqualTo(before);
        sample.closeCleanly();
    }

    private static Map<String, Long> files(Path directory) throws IOException {
        Map<String, Long> found = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.toList()) {
                found.put(path.toString(), Files.getLastModifiedTime(path).toMillis());
            }
        }
        return found;
    }

    @Test
    void findsEveryFlippedBit() throws IOException {
        SampleDirectory.write(root);
        List<String> missed = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> list = Files.list(partition())) {
            files = list.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(10);
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            // Segments are the bulk of it; -Ddump.exhaustive=true leaves out none of their bytes.
            boolean isSampled = file.toString().endsWith(".log") && !Boolean.getBoolean("dump.exhaustive");
            for (int i = 0; i < content.length; i += isSampled ? 5 : 1) {
                byte[] damaged = content.clone();
                damaged[i] ^= (byte) (1 << i % 8);
                Files.write(file, damaged);
                if (Dumps.verify(partition().toFile()).problems() == 0) {
                    missed.add(file.getFileName() + " byte " + i);
                }
            }
            Files.write(file, content);
        }
        assertThat(missed).isEmpty();
    }

    @Test
    void tellsATornTailOfAnUncleanStopFromDamage() throws IOException {
        SampleDirectory sample = SampleDirectory.open(root);
        sample.flush();
        sample.checkpoint();
        sample.append(24);
        sample.abandon();
        File active = last(".log");
        byte[] content = Files.readAllBytes(active.toPath());
        int flushed = content.length - lastBatchBytes(active);
        for (int size = flushed - 1; size < content.length; size++) {
            Files.write(active.toPath(), java.util.Arrays.copyOf(content, size));
            Dumps.Result result = Dumps.verify(root);
            assertThat(result.problems())
                    .as("cut at %d, flushed to %d", size, flushed)
                    .isEqualTo(size < flushed ? 2 : 0);
            if (size > flushed) {
                assertThat(result.kind("notice"))
                        .singleElement()
                        .asString()
                        .contains("torn tail", "position=" + flushed);
            }
        }
        content[content.length - 1] ^= 1;
        Files.write(active.toPath(), content);
        assertThat(Dumps.verify(root).kind("notice")).singleElement().asString().contains("torn tail: the checksum");
        Files.createFile(root.toPath().resolve(".clean-shutdown"));
        assertThat(Dumps.verify(root).problems()).isEqualTo(1);
    }

    private static int lastBatchBytes(File log) throws IOException {
        String last = Dumps.run(log, options -> options).kind("batch").getLast();
        String size = last.replaceAll(".*sizeBytes=([0-9]+).*", "$1");
        return Integer.parseInt(size);
    }

    private File last(String suffix) {
        return files(suffix).getLast();
    }

    private List<File> files(String suffix) {
        return Stream.of(partition().toFile().listFiles())
                .filter(file -> file.getName().endsWith(suffix))
                .sorted()
                .toList();
    }

    @Test
    void showsARangeOnly() throws IOException {
        SampleDirectory.write(root);
        Dumps.Result result =
                Dumps.run(partition().toFile(), o -> o.withRange(20, 23).withRecords());
        assertThat(result.kind("record"))
                .extracting(line -> line.replaceAll("record offset=([0-9]+) .*", "$1"))
                .containsExactly("20", "21", "22", "23");
        Dumps.Result one =
                Dumps.run(files(".log").get(1), o -> o.withRange(20, 20).withRecords());
        assertThat(one.kind("record").size()).isLessThanOrEqualTo(1);
    }

    @Test
    void anIndexThatLeadsAstrayCostsAWalkOnly() throws IOException {
        SampleDirectory.write(root);
        Path index = files(".index").getFirst().toPath();
        byte[] content = Files.readAllBytes(index);
        assertThat(content.length).isGreaterThan(8);
        content[7] ^= 3;
        Files.write(index, content);
        assertThat(Dumps.run(partition().toFile(), o -> o.withRange(9, 9).withRecords())
                        .kind("record"))
                .hasSize(1);
    }

    @Test
    void decodesTheGroupLog() throws IOException {
        SampleDirectory.write(root);
        Dumps.Result result = Dumps.run(
                new File(root, "__consumer_offsets-3"), o -> o.withRecords().asJson());
        assertThat(result.kind("record")).hasSize(5);
        assertThat(result.kind("record").get(2))
                .contains(
                        "\"group\":{\"type\":\"offset\",\"groupId\":\"billing\"",
                        "\"offset\":17",
                        "\"metadata\":\"m\"");
        assertThat(result.kind("record").get(4)).contains("\"type\":\"group-removed\"");
    }

    @Test
    void aFileThatVanishedIsNoDamage() throws IOException {
        SampleDirectory.write(root);
        Files.createSymbolicLink(partition().resolve("00000000000000000099.log"), Path.of("/nonexistent/gone.log"));
        Dumps.Result result = Dumps.run(partition().toFile(), o -> o);
        assertThat(result.problems()).isZero();
        assertThat(result.kind("notice")).anyMatch(line -> line.contains("vanished"));
    }

    @Test
    void gapsAreLegalWhereTheLogIsCompacted() throws IOException {
        SampleDirectory.write(root);
        Path second = files(".log").get(1).toPath();
        byte[] content = Files.readAllBytes(second);
        int size = java.nio.ByteBuffer.wrap(content).getInt(8) + 12;
        // The first batch of the second segment is gone, as after a compaction.
        Files.write(second, java.util.Arrays.copyOfRange(content, size, content.length));
        Files.delete(files(".index").get(1).toPath());
        Files.delete(files(".timeindex").get(1).toPath());
        assertThat(Dumps.verify(partition().toFile()).kind("problem"))
                .anyMatch(line -> line.contains("gaps are legal only"));
        Dumps.Result compacted =
                Dumps.run(partition().toFile(), o -> o.verifying().compacted());
        assertThat(compacted.problems()).isZero();
        assertThat(compacted.kind("notice")).anyMatch(line -> line.contains("1 gaps between batches"));
    }

    @Test
    void theCommandSaysWhatIsWrong() throws IOException {
        SampleDirectory.write(root);
        assertThat(Dumps.command(root.getPath(), "--verify").status()).isZero();
        assertThat(Dumps.command().status()).isEqualTo(2);
        assertThat(Dumps.command(root.getPath(), "--from", "x").err())
                .startsWith("error: USAGE: --from needs an offset");
        assertThat(Dumps.command(root.getPath(), "--from", "5", "--to", "4").status())
                .isEqualTo(2);
        Dumps.Command missing = Dumps.command(root.getPath() + "/nothing");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err())
                .startsWith("error: STORAGE_ERROR: ")
                .contains("no such file")
                .doesNotContain("java.");
        Files.write(files(".snapshot").getFirst().toPath(), new byte[3]);
        Dumps.Command damaged = Dumps.command(root.getPath(), "--verify", "--json");
        assertThat(damaged.status()).isEqualTo(1);
        assertThat(damaged.err()).startsWith("error: CORRUPT_LOG:");
        assertThat(damaged.out()).contains("{\"kind\":\"problem\",\"file\":\"");
    }
}
