package io.lograft.cli.log;

import io.lograft.cli.CliContext;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code log dump}: hands over to the broker's module, which knows the files. */
@Command(
        name = "dump",
        description = "Show what is in a file or directory of a broker: segments, indexes, producer snapshots,"
                + " checkpoints, a partition, a log directory, a metadata directory. Reads only, takes no lock, and may run"
                + " beside a live broker.")
final class LogDumpCommand implements Callable<Integer> {
    private static final String DUMP = "io.lograft.broker.dump.LogDump";

    @Parameters(paramLabel = "FILE|DIR", description = "What to show.")
    private Path path;

    @Option(
            names = "--verify",
            description =
                    "Check everything, and show what is wrong instead of what is there. Exit status 1 if anything is.")
    private boolean isVerifying;

    @Option(names = "--from", paramLabel = "OFFSET", description = "Begin here. In Raft logs: at this index.")
    private Long from;

    @Option(names = "--to", paramLabel = "OFFSET", description = "End here, inclusive.")
    private Long to;

    @Option(names = "--records", description = "With --verify: show batches with their records, too.")
    private boolean showsRecords;

    @Option(names = "--no-records", description = "Show batches without their records.")
    private boolean hidesRecords;

    @Option(
            names = "--compacted",
            description = "Gaps between batches are legal, though no file beside the log says that it was compacted.")
    private boolean isCompacted;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws ReflectiveOperationException {
        CliContext context = CliContext.of(spec);
        Object status = Class.forName(DUMP)
                .getMethod("run", String[].class, PrintStream.class, PrintStream.class)
                .invoke(null, arguments(context.isJson()), context.out(), context.err());
        return (Integer) status;
    }

    private String[] arguments(boolean isJson) {
        List<String> arguments = new ArrayList<>(List.of(path.toString()));
        addIf(isVerifying, "--verify", arguments);
        addIf(showsRecords || !(isVerifying || hidesRecords), "--records", arguments);
        addIf(isCompacted, "--compacted", arguments);
        addIf(isJson, "--json", arguments);
        if (from != null) {
            arguments.addAll(List.of("--from", from.toString()));
        }
        if (to != null) {
            arguments.addAll(List.of("--to", to.toString()));
        }
        return arguments.toArray(String[]::new);
    }

    private static void addIf(boolean isAsked, String word, List<String> arguments) {
        if (isAsked) {
            arguments.add(word);
        }
    }
}
