package io.lograft.cli;

import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.LograftOptions;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
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
        return Lograft.connect(options().withRequestTimeout(REQUEST_TIMEOUT).withConnectTimeout(CONNECT_TIMEOUT));
    }

    /** The same with the SDK's own timeouts, for runs that measure what applications get. */
    public Lograft connectAsApplicationsDo() {
        return Lograft.connect(options());
    }

    private LograftOptions options() {
        try {
            return LograftOptions.of(bootstrap);
        } catch (IllegalArgumentException e) {
            throw new CliFailure(CliFailure.USAGE, "--bootstrap: " + e.getMessage());
        }
    }

    /** Fails at once where no broker answers or the topic does not exist, instead of waiting for either. */
    void checkTopic(Lograft cluster, String topic) {
        if (cluster.admin().listTopics().stream()
                .noneMatch(listed -> listed.name().equals(topic))) {
            throw new LograftException(ErrorCode.UNKNOWN_TOPIC, "no topic '" + topic + "'");
        }
    }

    /** A partition that somebody named; throws with UNKNOWN_PARTITION for a number that none can have. */
    public static TopicPartition partition(String topic, int number) {
        if (number < 0) {
            throw new LograftException(
                    ErrorCode.UNKNOWN_PARTITION, "no partition " + number + " of topic '" + topic + "'");
        }
        return new TopicPartition(topic, number);
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
