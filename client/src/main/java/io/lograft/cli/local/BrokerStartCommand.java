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

/** {@code broker start}: hands over to the broker's own main class. */
@Command(name = "start", description = "Start one broker; with no file it is a working single-node cluster.")
public final class BrokerStartCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration; config/broker.properties shows every key.")
    private Path configFile;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A key of the configuration; wins over the file.")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--daemon", description = "Start in the background, and return once the broker is ready.")
    private boolean isDaemon;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws ReflectiveOperationException {
        List<String> arguments = new ArrayList<>(BrokerStopCommand.arguments("start", configFile, sets));
        arguments.addAll(BrokerStopCommand.output(CliContext.of(spec)));
        if (isDaemon) {
            arguments.add("--daemon");
        }
        return BrokerStopCommand.handOver(arguments);
    }
}
