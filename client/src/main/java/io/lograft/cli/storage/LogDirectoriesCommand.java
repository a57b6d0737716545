package io.lograft.cli.storage;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.ClusterDescription;
import io.lograft.client.Lograft;
import io.lograft.client.storage.LogDirectories;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code broker log-dirs}. */
@Command(
        name = "log-dirs",
        description = "Show the log directories of brokers, and replicas on their way between them.")
public final class LogDirectoriesCommand implements Callable<Integer> {
    @Option(names = "--broker", paramLabel = "ID", description = "Only this broker. Default: all that are live.")
    private Integer broker;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CliContext context = CliContext.of(spec);
        try (Lograft cluster = context.connect()) {
            List<LogDirectories> answers = new ArrayList<>();
            for (int id : brokers(cluster)) {
                answers.add(cluster.admin().describeLogDirectories(id));
            }
            if (context.isJson()) {
                context.printJson(
                        answers.stream().map(LogDirectoriesCommand::json).toList());
            } else {
                print(context, answers);
            }
            return 0;
        }
    }

    private List<Integer> brokers(Lograft cluster) {
        return broker != null
                ? List.of(broker)
                : cluster.admin().describeCluster().brokers().stream()
                        .filter(known -> !known.isFenced())
                        .map(ClusterDescription.Broker::id)
                        .toList();
    }

    private static void print(CliContext context, List<LogDirectories> answers) {
        Table table = new Table("BROKER", "DIRECTORY", "STATE", "REPLICAS", "BYTES", "DISK-FREE", "DISK-SIZE", "ID");
        Table moves = new Table("BROKER", "PARTITION", "STATE", "COPIED", "BYTES", "FROM", "TO", "FAILURE");
        boolean hasMoves = false;
        for (LogDirectories answer : answers) {
            answer.directories()
                    .forEach(directory -> table.row(
                            answer.brokerId(),
                            directory.path(),
                            directory.state(),
                            directory.replicaCount(),
                            directory.sizeBytes(),
                            known(directory.usableBytes()),
                            known(directory.totalBytes()),
                            directory.id().isEmpty() ? "-" : directory.id()));
            hasMoves |= !answer.moves().isEmpty();
            answer.moves()
                    .forEach(move -> moves.row(
                            answer.brokerId(),
                            move.topic() + "-" + move.partition(),
                            move.state(),
                            move.copiedBytes(),
                            move.totalBytes(),
                            move.from(),
                            move.to(),
                            move.failure().isEmpty() ? "-" : move.failure()));
        }
        context.printTable(table);
        if (hasMoves) {
            context.printTable(moves);
        }
    }

    private static Object known(long bytes) {
        return bytes < 0 ? "-" : bytes;
    }

    private static Object json(LogDirectories answer) {
        return Json.object(
                "brokerId", answer.brokerId(),
                "directories",
                        answer.directories().stream()
                                .map(directory -> Json.object(
                                        "path", directory.path(),
                                        "id", directory.id(),
                                        "state", directory.state(),
                                        "replicaCount", directory.replicaCount(),
                                        "sizeBytes", directory.sizeBytes(),
                                        "usableBytes", directory.usableBytes(),
                                        "totalBytes", directory.totalBytes()))
                                .toList(),
                "moves", answer.moves().stream().map(MoveDirectoryCommand::json).toList());
    }
}
