package io.lograft.broker.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * {@code /healthz} (200 while the process works), {@code /readyz} (200 once it serves, else 503 with the reason) and
 * {@code /metrics}. Answers on the threads of the executor given; the suppliers are asked on these.
 */
public final class HttpEndpoints implements AutoCloseable {

    /** A state that is fine, or not, and one line for people. */
    public record State(boolean isFine, String text) {}

    private final HttpServer server;

    /** Listens at the address (port 0: any free one) and serves. */
    public HttpEndpoints(
            InetSocketAddress address,
            Executor threads,
            Supplier<State> health,
            Supplier<State> readiness,
            Supplier<String> metrics)
            throws IOException {
        server = HttpServer.create(address, 16);
        server.setExecutor(threads);
        server.createContext("/healthz", exchange -> answer(exchange, "/healthz", health.get()));
        server.createContext("/readyz", exchange -> answer(exchange, "/readyz", readiness.get()));
        server.createContext(
                "/metrics", exchange -> answer(exchange, "/metrics", 200, "text/plain; version=0.0.4", metrics.get()));
        server.start();
    }

    /** The port that it listens at. */
    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, String path, State state) throws IOException {
        answer(exchange, path, state.isFine() ? 200 : 503, "text/plain; charset=utf-8", state.text() + "\n");
    }

    private static void answer(HttpExchange exchange, String path, int status, String type, String text)
            throws IOException {
        try (exchange) {
            boolean isFound = exchange.getRequestURI().getPath().equals(path);
            boolean isRead = exchange.getRequestMethod().equals("GET");
            byte[] body = (isFound ? isRead ? text : "only GET is served here\n" : "not found\n")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", isFound && isRead ? type : "text/plain");
            exchange.sendResponseHeaders(isFound ? isRead ? status : 405 : 404, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
