package io.lograft.it.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the programs that make hosts and faults. */
public final class Commands {
    private static final long SECONDS_MAX = 30;

    private Commands() {}

    /** What the program printed; fails if it failed. */
    public static String run(String... command) {
        Result result = execute(command);
        if (result.status() != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + ": exit status " + result.status() + ", " + result.output());
        }
        return result.output();
    }

    /** Whether the program succeeded; one that is not there has not. */
    public static boolean succeed(String... command) {
        try {
            return execute(command).status() == 0;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private record Result(int status, String output) {}

    private static Result execute(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(List.of(command) + " does not end");
            }
            return new Result(process.exitValue(), output.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
