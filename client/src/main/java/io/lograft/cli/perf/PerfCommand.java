package io.lograft.cli.perf;

import io.lograft.cli.failover.FailoverCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code perf …}: load on a topic, measured. */
@Command(
        name = "perf",
        description = "Put load on a topic and measure it.",
        subcommands = {
            PerfProduceCommand.class,
            PerfConsumeCommand.class,
            PerfLatencyCommand.class,
            PerfJoinCommand.class,
            FailoverCommand.class
        })
public final class PerfCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }
}
