package io.lograft.cli.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Starts a broker as a process of its own: with the java and the class path of this process, so that no shell is
 * needed, and in a session of its own, so that it outlives the terminal.
 */
public final class BrokerLauncher {
    /** Main class of a broker; it is in another module, on the same class path. */
    static final String BROKER_MAIN = "io.lograft.broker.app.BrokerMain";

    /** System property with the JVM flags of a broker, a line each. */
    static final String FLAGS_PROPERTY = "lograft.broker.flags";

    private static final List<String> DEFAULT_FLAGS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:MetaspaceSize=128m",
            "-Xmx512m");

    private BrokerLauncher() {}

    /**
     * Starts {@code broker start} with these arguments.
     *
     * @param arguments what follows {@code broker start}
     * @param output file that the broker's output is appended to
     * @param shadowed configuration keys that the environment must not override
     */
    public static Process start(List<String> arguments, Path output, Set<String> shadowed) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String flags = System.getProperty(FLAGS_PROPERTY, "");
        command.addAll(flags.isBlank() ? DEFAULT_FLAGS : flags.lines().toList());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(BROKER_MAIN);
        command.add("start");
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        shadowed.forEach(key -> builder.environment()
                .remove("LOGRAFT_" + key.toUpperCase(Locale.ROOT).replace('.', '_')));
        return builder.start();
    }
}
