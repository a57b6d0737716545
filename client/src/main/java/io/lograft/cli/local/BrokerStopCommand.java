package io.lograft.cli.local;

import io.lograft.cli.CliContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code broker stop}: hands over to the broker's own main class. */
@Command(name = "stop", description = "Stop the broker that was started with the same configuration.")
public final class BrokerStopCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration that the broker was started with.")
    private Path configFile;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A key that the broker was started with.")
    private List<String> sets = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws ReflectiveOperationException {
        List<String> arguments = new ArrayList<>(arguments("stop", configFile, sets));
        arguments.addAll(output(CliContext.of(spec)));
        return handOver(arguments);
    }

    /** How the broker's main class is to answer. */
    static List<String> output(CliContext context) {
        return context.isJson() ? List.of("--output", "json") : List.of();
    }

    static List<String> arguments(String verb, Path configFile, List<String> sets) {
        List<String> arguments = new ArrayList<>(List.of(verb));
        if (configFile != null) {
            arguments.addAll(List.of("-c", configFile.toString()));
        }
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments;
    }

    /** Runs the broker's main class, which is in another module and ends the JVM by itself. */
    static int handOver(List<String> arguments) throws ReflectiveOperationException {
        Class.forName(BrokerLauncher.BROKER_MAIN)
                .getMethod("main", String[].class)
                .invoke(null, (Object) arguments.toArray(String[]::new));
        return 0;
    }
}
