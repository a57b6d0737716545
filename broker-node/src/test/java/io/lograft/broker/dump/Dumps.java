package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** Runs dumps and keeps what they print. */
final class Dumps {

    /** What one printed. */
    record Result(long problems, List<String> lines) {
        List<String> kind(String kind) {
            return lines.stream()
                    .filter(line -> line.startsWith(kind + " ") || line.startsWith("{\"kind\":\"" + kind + "\""))
                    .toList();
        }
    }

    private Dumps() {}

    static Result verify(File path) throws IOException {
        return run(path, DumpOptions::verifying);
    }

    static Result run(File path, UnaryOperator<DumpOptions> options) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long problems;
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            problems = LogDump.run(
                    options.apply(DumpOptions.DEFAULTS.withPath(ReadOnlyFiles.absolute(path.getPath()))), out);
        }
        return new Result(
                problems, bytes.toString(StandardCharsets.UTF_8).lines().toList());
    }

    /** The command as the command line calls it: exit status and both outputs. */
    record Command(int status, String out, String err) {}

    static Command command(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status;
        try (PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
                PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
            status = LogDump.run(arguments, outStream, errStream);
        }
        return new Command(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
