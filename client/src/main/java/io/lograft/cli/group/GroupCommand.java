package io.lograft.cli.group;

import io.lograft.cli.CliContext;
import io.lograft.cli.Json;
import io.lograft.cli.Table;
import io.lograft.client.Lograft;
import io.lograft.client.group.GroupListing;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code group …}. */
@Command(
        name = "group",
        description = "List, describe, reset and delete consumer groups.",
        subcommands = {
            GroupCommand.ListGroups.class,
            DescribeGroupCommand.class,
            ResetOffsetsCommand.class,
            GroupCommand.Delete.class
        })
public final class GroupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a verb is missing");
    }

    /** A verb of groups, connected to the cluster. */
    abstract static class Verb implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Override
        public final Integer call() {
            CliContext context = CliContext.of(spec);
            try (Lograft cluster = context.connect()) {
                run(context, cluster);
            }
            return 0;
        }

        /** Does it. What it throws becomes the line of an error and exit status 1. */
        abstract void run(CliContext context, Lograft cluster);

        /** The end of a command line that makes no sense. */
        final ParameterException wrongUsage(String message) {
            return new ParameterException(spec.commandLine(), message);
        }
    }

    /** {@code group list}. */
    @Command(name = "list", description = "List all consumer groups.")
    static final class ListGroups extends Verb {
        @Override
        void run(CliContext context, Lograft cluster) {
            List<GroupListing> groups = cluster.admin().groups().list();
            if (context.isJson()) {
                context.printJson(groups.stream()
                        .map(group -> Json.object(
                                "group", group.groupId(),
                                "state", group.state(),
                                "kind", group.kind(),
                                "memberCount", group.memberCount(),
                                "coordinator", group.coordinator()))
                        .toList());
                return;
            }
            Table table = new Table("GROUP", "STATE", "KIND", "MEMBERS", "COORDINATOR");
            groups.forEach(group ->
                    table.row(group.groupId(), group.state(), group.kind(), group.memberCount(), group.coordinator()));
            context.printTable(table);
        }
    }

    /** {@code group delete}. */
    @Command(name = "delete", description = "Delete a group without members, with its offsets.")
    static final class Delete extends Verb {
        @Parameters(paramLabel = "GROUP", description = "Id of the group.")
        private String group;

        @Override
        void run(CliContext context, Lograft cluster) {
            cluster.admin().groups().delete(group);
            if (context.isJson()) {
                context.printJson(Json.object("deleted", group));
            } else {
                context.out().println("deleted group " + group);
            }
        }
    }
}
