package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.LograftOptions;
import io.lograft.model.ErrorCode;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command gets from the command line as a whole.
 *
 * @param bootstrap brokers to ask first, {@code HOST:PORT,…}
 * @param environment the process's environment variables
 * @param format how to print
 * @param out results
 * @param err progress, notes and errors
 */
public record CliContext(
        String bootstrap, Map<String, String> environment, OutputFormat format, PrintStream out, PrintStream err) {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    /** The context of a command, from its {@code @Spec CommandSpec}. */
    public static CliContext of(CommandSpec spec) {
        return ((Main) spec.root().userObject()).context();
    }

    /** Connects to the cluster; throws CliFailure with USAGE for addresses that are none. The caller closes it. */
    public Lograft connect() {
        try {
            return Lograft.connect(LograftOptions.of(bootstrap)
                    .withRequestTimeout(REQUEST_TIMEOUT)
                    .withConnectTimeout(CONNECT_TIMEOUT));
        } catch (IllegalArgumentException e) {
            throw new CliFailure("USAGE", "--bootstrap: " + e.getMessage());
        }
    }

    /** Fails at once where no broker answers or the topic does not exist, instead of waiting for either. */
    void checkTopic(Lograft cluster, String topic) {
        if (cluster.admin().listTopics().stream()
                .noneMatch(listed -> listed.name().equals(topic))) {
            throw new LograftException(ErrorCode.UNKNOWN_TOPIC, "no topic '" + topic + "'");
        }
    }

    public boolean isJson() {
        return format == OutputFormat.JSON;
    }

    /**
     * Prints one JSON document: maps (in their iteration order), lists, strings, numbers, booleans and null.
     */
    public void printJson(Object document) {
        out.println(Json.write(document));
    }

    /** Prints a table with aligned columns. */
    public void printTable(Table table) {
        out.print(table.render());
    }
}
