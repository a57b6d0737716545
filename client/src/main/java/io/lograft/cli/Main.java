package io.lograft.cli;

import io.lograft.cli.group.GroupCommand;
import io.lograft.cli.local.LocalCommand;
import io.lograft.cli.log.LogCommand;
import io.lograft.cli.perf.PerfCommand;
import io.lograft.cli.quickstart.QuickstartCommand;
import io.lograft.cli.storage.PartitionCommand;
import io.lograft.client.LograftException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code lograft}. Exit status: 0 done, 1 failed (one line {@code error: CODE: why} on stderr), 2 wrong
 * usage. A command implements {@code Callable<Integer>} and asks {@link CliContext#of} for the rest.
 */
@Command(
        name = "lograft",
        description = "A distributed, replicated commit log.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "NOUN VERB")
public final class Main implements Callable<Integer> {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    @Option(
            names = {"--bootstrap", "-b"},
            paramLabel = "HOST:PORT,…",
            scope = ScopeType.INHERIT,
            description =
                    "Brokers to ask first; one live one is enough. Default: $LOGRAFT_BOOTSTRAP or localhost:7400.")
    private String bootstrap;

    @Option(
            names = {"--output", "-o"},
            paramLabel = "table|json",
            defaultValue = "table",
            scope = ScopeType.INHERIT,
            description = "Form of the output. Default: table.")
    private OutputFormat format;

    @Spec
    private CommandSpec spec;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Main(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** All nouns. Only the ones that a command line may need are built. */
    private static Map<String, Supplier<Object>> nouns() {
        Map<String, Supplier<Object>> nouns = new LinkedHashMap<>();
        nouns.put("topic", TopicCommand::new);
        nouns.put("produce", ProduceCommand::new);
        nouns.put("consume", ConsumeCommand::new);
        nouns.put("group", GroupCommand::new);
        nouns.put("partition", PartitionCommand::new);
        nouns.put("cluster", ClusterCommand::new);
        nouns.put("metadata", MetadataCommand::new);
        nouns.put("broker", BrokerCommand::new);
        nouns.put("local", LocalCommand::new);
        nouns.put("log", LogCommand::new);
        nouns.put("quickstart", QuickstartCommand::new);
        nouns.put("perf", PerfCommand::new);
        return nouns;
    }

    public static void main(String[] args) {
        System.exit(run(
                args, System.getenv(), utf8(System.out), new PrintStream(System.err, true, StandardCharsets.UTF_8)));
    }

    private static PrintStream utf8(PrintStream stream) {
        return new PrintStream(stream, false, StandardCharsets.UTF_8);
    }

    /** Runs one command line and returns its exit status; never exits the JVM. */
    public static int run(String[] args, Map<String, String> environment, PrintStream out, PrintStream err) {
        Main main = new Main(environment, out, err);
        CommandLine commandLine = new CommandLine(main);
        Map<String, Supplier<Object>> nouns = nouns();
        String asked =
                List.of(args).stream().filter(nouns::containsKey).findFirst().orElse(null);
        nouns.forEach((noun, command) -> {
            if (asked == null || asked.equals(noun)) {
                commandLine.addSubcommand(noun, command.get());
            }
        });
        commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler(Main::onWrongUsage);
        commandLine.setExecutionExceptionHandler((e, line, parsed) -> main.onFailure(e));
        int status = commandLine.execute(args);
        out.flush();
        err.flush();
        return status;
    }

    /** No noun: that is wrong usage. */
    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    CliContext context() {
        String address =
                bootstrap != null ? bootstrap : environment.getOrDefault("LOGRAFT_BOOTSTRAP", "localhost:7400");
        return new CliContext(address, environment, format, out, err);
    }

    private static int onWrongUsage(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        line.getErr().println("error: USAGE: " + oneLine(e.getMessage()));
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return WRONG_USAGE;
    }

    private int onFailure(Exception e) {
        err.println("error: " + describe(e));
        return e instanceof CliFailure failure && failure.code().equals(CliFailure.USAGE) ? WRONG_USAGE : FAILED;
    }

    private static String describe(Exception e) {
        if (e instanceof LograftException failure) {
            return oneLine(failure.getMessage());
        }
        if (e instanceof CliFailure failure) {
            return failure.code() + ": " + oneLine(failure.getMessage());
        }
        return "INTERNAL: " + oneLine(e.toString());
    }

    private static String oneLine(String message) {
        return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
    }

    /** Version from the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"lograft " + (version == null ? "development" : version)};
        }
    }
}
