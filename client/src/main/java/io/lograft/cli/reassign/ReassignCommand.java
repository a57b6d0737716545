package io.lograft.cli.reassign;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code partition reassign …}. */
@Command(
        name = "reassign",
        description = {
            "Give partitions other replicas, or more, or fewer, while they are used.",
            "Files are those of Kafka's kafka-reassign-partitions."
        },
        subcommands = {PlanCommand.class, ExecuteCommand.class, StatusCommand.class, CancelCommand.class})
public final class ReassignCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing: plan, execute, status or cancel");
    }
}
