package io.lograft.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as a person at a shell does. Immutable. */
record Shell(Path directory, Map<String, String> environment) {
    /** The project's root directory. */
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** What a program did. */
    record Result(int status, String out, String err) {
        /** Standard output of a program that must have succeeded. */
        String orFail() {
            if (status != 0) {
                throw new AssertionError("exit status " + status + "\n" + out + err);
            }
            return out;
        }
    }

    /** Programs run in the project's root. */
    static Shell inRoot() {
        return new Shell(ROOT, Map.of());
    }

    /** Runs a command of the product as it was built, for at most a minute. */
    static Result lograft(String bootstrap, String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(ROOT.resolve("bin/lograft").toString(), "--bootstrap", bootstrap));
        command.addAll(List.of(arguments));
        return inRoot().with("LOGRAFT_BUILD", "never")
                .with("LOGRAFT_AOT", "off")
                .run(input, Duration.ofSeconds(60), command.toArray(String[]::new));
    }

    Shell in(Path other) {
        return new Shell(other, environment);
    }

    /** Adds a variable; an empty value removes it. */
    Shell with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Shell(directory, Map.copyOf(more));
    }

    Result run(Duration timeout, String... command) throws IOException, InterruptedException {
        return run("", timeout, command);
    }

    /** Runs a program with this standard input; kills it, and fails, when the time is over. */
    Result run(String input, Duration timeout, String... command) throws IOException, InterruptedException {
        Path in = Files.createTempFile("in", null);
        Path out = Files.createTempFile("out", null);
        Path err = Files.createTempFile("err", null);
        try {
            Files.writeString(in, input);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            environment.forEach((name, value) -> {
                if (value.isEmpty()) {
                    builder.environment().remove(name);
                } else {
                    builder.environment().put(name, value);
                }
            });
            Process process = builder.start();
            boolean hasEnded = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!hasEnded) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                throw new AssertionError(List.of(command) + " still runs after " + timeout + "\n"
                        + Files.readString(out) + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.deleteIfExists(in);
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }
}
