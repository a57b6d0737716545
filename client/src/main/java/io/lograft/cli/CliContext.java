package io.lograft.cli;

import java.io.PrintStream;
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

    /** The context of a command, from its {@code @Spec CommandSpec}. */
    public static CliContext of(CommandSpec spec) {
        return ((Main) spec.root().userObject()).context();
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
