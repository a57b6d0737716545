package io.lograft.cli.reassign;

import io.lograft.cli.CliContext;
import io.lograft.client.Lograft;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb about replicas, with a connection that is closed when it returns. */
abstract class ReassignVerb implements Callable<Integer> {
    static final int DONE = 0;

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() throws InterruptedException {
        CliContext context = CliContext.of(spec);
        try (Lograft cluster = context.connect()) {
            return run(context, cluster);
        }
    }

    /** Does it; returns the exit status. What it throws becomes the line of an error and exit status 1. */
    abstract int run(CliContext context, Lograft cluster) throws InterruptedException;

    /** The end of a command line that makes no sense. */
    final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A throttle that somebody gave, 0 for none. */
    final long throttle(Long bytesPerSecond) {
        if (bytesPerSecond != null && bytesPerSecond < 1) {
            throw wrongUsage(
                    "--throttle " + bytesPerSecond + " is not 1 byte per second or more; leave it out for none");
        }
        return bytesPerSecond == null ? 0 : bytesPerSecond;
    }
}
