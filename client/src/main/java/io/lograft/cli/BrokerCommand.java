package io.lograft.cli;

import io.lograft.cli.local.BrokerStartCommand;
import io.lograft.cli.local.BrokerStopCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code broker …}: brokers of the cluster, and one broker on this machine. */
@Command(
        name = "broker",
        description = "Start, stop and list brokers.",
        subcommands = {BrokerStartCommand.class, BrokerStopCommand.class})
final class BrokerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }
}
