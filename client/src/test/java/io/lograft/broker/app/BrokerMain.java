package io.lograft.broker.app;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Stands in for the broker in tests of the commands that start one: it reads its configuration file, answers
 * {@code /readyz}, and ends at once when its log directory holds a file "refuse".
 */
public final class BrokerMain {
    private BrokerMain() {}

    public static void main(String[] args) throws Exception {
        Properties config = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(args[2]))) {
            config.load(reader);
        }
        Path logs = Files.createDirectories(Path.of(config.getProperty("log.dirs")));
        System.out.println("args " + String.join(" ", args));
        if (Files.exists(logs.resolve("refuse"))) {
            System.out.println("error: refused for the test");
            System.exit(1);
        }
        String listeners = config.getProperty("listeners");
        int port = Integer.parseInt(listeners.substring(listeners.lastIndexOf(':') + 1));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/readyz", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }
}
