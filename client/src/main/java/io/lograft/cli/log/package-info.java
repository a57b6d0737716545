/**
 * {@code log …}: files of a broker on this machine. The files are known to the broker's module, which {@link
 * io.lograft.cli.log.LogDumpCommand} calls by name, as it is on the same class path. May use {@code io.lograft.cli}.
 */
package io.lograft.cli.log;
