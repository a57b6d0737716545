package io.lograft.cli.quickstart;

import io.lograft.cli.CliContext;
import io.lograft.cli.CliFailure;
import io.lograft.cli.local.LocalCluster;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quickstart}: shows, and proves, what Lograft is for. */
@Command(
        name = "quickstart",
        description = "Stream a file through three brokers on this machine, kill one on the way, and check every line.")
public final class QuickstartCommand implements Callable<Integer> {
    private static final int BROKERS = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "The file to stream, line by line. Default: a real log that ships with Lograft.")
    private Path file;

    @Option(names = "--once", description = "Stop the cluster at the end.")
    private boolean isOnce;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "data/quickstart",
            description = "Directory of the cluster. Default: ./data/quickstart.")
    private Path directory;

    @Option(names = "--port", paramLabel = "P", description = "gRPC port of broker 1. Default: 7400.")
    private int port;

    @Override
    public Integer call() throws Exception {
        CliContext context = CliContext.of(spec);
        PrintStream notes = context.isJson() ? context.err() : context.out();
        List<String> lines = lines();
        LocalCluster cluster = LocalCluster.openOrCreate(directory, BROKERS, port);
        try {
            long start = System.nanoTime();
            notes.println("Starting three brokers, data in " + directory + " …");
            cluster.start(TIMEOUT);
            notes.printf("  all ready after %.1f s at %s%n", (System.nanoTime() - start) / 1e9, cluster.bootstrap());
            Outcome outcome = new Quickstart(cluster, lines, notes, context.err()).run();
            print(context, cluster, outcome);
            if (!outcome.isGood()) {
                throw new CliFailure("NOT_CLEAN", outcome.verdict());
            }
            return 0;
        } finally {
            if (isOnce) {
                cluster.stop(TIMEOUT);
                notes.println("The cluster has stopped; its data are in " + directory + ".");
            }
        }
    }

    private void print(CliContext context, LocalCluster cluster, Outcome outcome) {
        if (context.isJson()) {
            context.printJson(outcome.json(cluster.bootstrap()));
            return;
        }
        context.out().println();
        context.printTable(outcome.table());
        if (!isOnce) {
            String address = cluster.address(1).endsWith(":7400") ? "" : "--bootstrap " + cluster.address(1) + " ";
            context.out().println();
            context.out().println("The cluster goes on at " + cluster.bootstrap() + ". Try next:");
            context.out().println("  bin/lograft " + address + "topic describe " + outcome.topic());
            context.out()
                    .println("  bin/lograft " + address + "consume " + outcome.topic()
                            + " --from-beginning --max-messages 5");
            context.out().println("  bin/lograft local stop --dir " + directory);
        }
    }

    private List<String> lines() throws IOException {
        Path source = file != null ? file : sample();
        List<String> lines;
        try {
            lines = Files.readAllLines(source, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new CliFailure("INVALID_REQUEST", "file " + source + " does not exist");
        } catch (MalformedInputException e) {
            throw new CliFailure("INVALID_REQUEST", "file " + source + " is not UTF-8 text");
        }
        if (lines.isEmpty()) {
            throw new CliFailure("INVALID_REQUEST", "file " + source + " is empty");
        }
        return lines;
    }

    private static Path sample() {
        return Path.of(System.getProperty("lograft.home", "."), "docs", "samples", "dpkg.log");
    }
}
