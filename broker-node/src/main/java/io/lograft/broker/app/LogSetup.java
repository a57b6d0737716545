package io.lograft.broker.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;

/**
 * Sets logging up: a line for each state change of a broker, on its standard output; only warnings, on standard error,
 * in a command or a test. In code, because reading an XML file would double the start-up time of a command. Whoever
 * wants it otherwise names a file of his own with {@code LOGRAFT_JAVA_OPTS=-Dlogback.configurationFile=FILE}.
 *
 * <p>Logback makes one instance, on the thread that logs first.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String BROKER_PROPERTY = "lograft.broker";
    private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %logger{0}: %msg%n";

    /** Held here, because the JDK forgets the settings of a logger that nobody holds. */
    private static final java.util.logging.Logger JUL_ROOT = java.util.logging.Logger.getLogger("");

    /** Libraries that tell more than an operator wants to know. */
    private static final List<String> QUIET = List.of("org.apache.ratis", "io.netty", "io.grpc", "org.rocksdb");

    /** Says that this process is a broker; to be called before anything logs. */
    static void forBroker() {
        System.setProperty(BROKER_PROPERTY, "true");
        // gRPC writes to the JDK's own logger; only what is wrong, but with its cause.
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tF %1$tT.%1$tL %4$-7s %3$s: %5$s%6$s%n");
        JUL_ROOT.setLevel(java.util.logging.Level.WARNING);
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        boolean isBroker = Boolean.getBoolean(BROKER_PROPERTY);
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget(isBroker ? "System.out" : "System.err");
        console.setEncoder(encoder);
        console.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(isBroker ? Level.INFO : Level.WARN);
        root.addAppender(console);
        QUIET.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
