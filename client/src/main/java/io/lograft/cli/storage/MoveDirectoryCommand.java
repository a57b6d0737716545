package io.lograft.cli.storage;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.storage.LogDirectories;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code partition move-dir}. */
@Command(
        name = "move-dir",
        description = "Move a replica to another log directory of its broker, and wait until it is there.")
final class MoveDirectoryCommand implements Callable<Integer> {
    private static final long POLL_MS = 300;
    private static final long TELL_MS = 2_000;

    @Parameters(paramLabel = "TOPIC", index = "0", description = "Name of the topic.")
    private String topic;

    @Parameters(paramLabel = "PARTITION", index = "1", description = "Number of the partition.")
    private int partition;

    @Option(names = "--broker", paramLabel = "ID", required = true, description = "Broker that has the replica.")
    private int broker;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            required = true,
            description = "Path or id of the log directory, as broker log-dirs shows it.")
    private String directory;

    @Option(names = "--no-wait", description = "Return once the move has begun; broker log-dirs shows how far it is.")
    private boolean isNotWaiting;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CliContext context = CliContext.of(spec);
        try (Lograft cluster = context.connect()) {
            cluster.admin().moveReplica(CliContext.partition(topic, partition), broker, directory);
            if (isNotWaiting) {
                tellBegun(context);
                return 0;
            }
            LogDirectories.Move move = await(context, cluster);
            if (move.state().equals("failed")) {
                throw new LograftException(ErrorCode.STORAGE_ERROR, move.failure());
            }
            if (context.isJson()) {
                context.printJson(json(move));
            } else {
                context.out().println(topic + "-" + partition + " is in " + move.to() + " now");
            }
            return 0;
        }
    }

    private void tellBegun(CliContext context) {
        if (context.isJson()) {
            context.printJson(Json.object(
                    "topic", topic, "partition", partition, "brokerId", broker, "to", directory, "state", "waiting"));
        } else {
            context.out().println(topic + "-" + partition + " is on its way to " + directory);
        }
    }

    private LogDirectories.Move await(CliContext context, Lograft cluster) throws InterruptedException {
        long told = System.nanoTime();
        while (true) {
            List<LogDirectories.Move> own = cluster.admin().describeLogDirectories(broker).moves().stream()
                    .filter(move -> move.topic().equals(topic) && move.partition() == partition)
                    .toList();
            if (own.isEmpty()) {
                throw new LograftException(
                        ErrorCode.OUTCOME_UNKNOWN,
                        "broker " + broker + " was started anew and knows nothing of the move");
            }
            LogDirectories.Move last = own.get(own.size() - 1);
            if (last.state().equals("done") || last.state().equals("failed")) {
                return last;
            }
            if (System.nanoTime() - told > TELL_MS * 1_000_000) {
                told = System.nanoTime();
                context.err().println(last.state() + ", " + last.copiedBytes() + " of " + last.totalBytes() + " bytes");
            }
            Thread.sleep(POLL_MS);
        }
    }

    static Object json(LogDirectories.Move move) {
        return Json.object(
                "topic", move.topic(),
                "partition", move.partition(),
                "from", move.from(),
                "to", move.to(),
                "state", move.state(),
                "copiedBytes", move.copiedBytes(),
                "totalBytes", move.totalBytes(),
                "failure", move.failure());
    }
}
