/**
 * The command line, one class per command. {@link io.lograft.cli.Main} is the entry; {@link io.lograft.cli.CliContext}
 * is what a command gets: the cluster to talk to, and where and how to print.
 *
 * <p>Commands run on the main thread, one per process. They use the public SDK only; what is printed as JSON has stable
 * field names. Start-up time counts: only the noun that was asked for is built, and logging is off.
 */
package io.lograft.cli;
