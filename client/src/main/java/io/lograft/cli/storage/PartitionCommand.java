package io.lograft.cli.storage;

import io.lograft.cli.reassign.ReassignCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code partition …}. */
@Command(
        name = "partition",
        description = "Move replicas between brokers, and between log directories.",
        subcommands = {ReassignCommand.class, MoveDirectoryCommand.class})
public final class PartitionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }
}
