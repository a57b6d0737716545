package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb that talks to the cluster: gets a connection, which is closed when it returns. */
abstract class ClusterVerb implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() {
        CliContext context = CliContext.of(spec);
        try (Lograft cluster = context.connect()) {
            return run(context, cluster);
        }
    }

    /** Does it; returns the exit status. A {@link LograftException} becomes the line of an error and exit status 1. */
    abstract int run(CliContext context, Lograft cluster);
}
