package io.lograft.cli.failover;

import io.lograft.cli.CliFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Commands of the user as an event, each run by a shell.
 *
 * @param strikeCommand does it
 * @param healCommand undoes it; null where there is nothing to undo
 */
record ShellFault(String strikeCommand, String healCommand) implements Fault {

    @Override
    public String victim() {
        return "command";
    }

    @Override
    public void strike() throws IOException, InterruptedException {
        run(strikeCommand);
    }

    @Override
    public boolean isHealed() {
        return healCommand != null;
    }

    @Override
    public void heal() throws IOException, InterruptedException {
        run(healCommand);
    }

    /** Runs a command; one that fails is a failure with what it printed. */
    static void run(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new CliFailure("INVALID_REQUEST", command + " ended with status " + status + ": " + printed);
        }
    }
}
