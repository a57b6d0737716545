package io.lograft.broker.fuzz;

import io.lograft.broker.dump.LogDump;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Any bytes as any file that {@code log dump} shows or checks; it answers with an exit status, whatever they are. */
public final class DumpFuzz {
    private static final List<String> NAMES = List.of(
            "00000000000000000000.log",
            "00000000000000000000.index",
            "00000000000000000000.timeindex",
            "00000000000000000007.snapshot",
            "leader-epoch-checkpoint",
            "partition.metadata",
            "truncation-point",
            "compaction-checkpoint",
            "recovery-point-offset-checkpoint",
            "meta.properties",
            "log_inprogress_0",
            "log_0-3");

    private static File directory;

    private DumpFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        String name = NAMES.get((input[0] & 0x3f) % NAMES.size());
        try {
            Path file = directory().toPath().resolve(name);
            Files.write(file, java.util.Arrays.copyOfRange(input, 1, input.length));
            FuzzChecks.withinMemory(input.length, 64L << 20, () -> {
                run(file.toString(), "--verify");
                run(file.toString(), "--records", "--json");
            });
            Files.delete(file);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static File directory() throws IOException {
        if (directory == null) {
            directory = Files.createTempDirectory("fuzz")
                    .resolve("__consumer_offsets-0")
                    .toFile();
            Files.createDirectory(directory.toPath());
            directory.getParentFile().deleteOnExit();
            directory.deleteOnExit();
        }
        return directory;
    }

    private static void run(String... arguments) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, false, StandardCharsets.UTF_8);
        int status = LogDump.run(arguments, out, out);
        FuzzChecks.check(status == 0 || status == 1, "status " + status);
    }
}
