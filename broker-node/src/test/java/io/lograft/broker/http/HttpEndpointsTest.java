package io.lograft.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.http.HttpEndpoints.State;
import io.lograft.broker.metrics.MetricNames;
import io.lograft.broker.metrics.MicrometerMetrics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointsTest {
    private final MicrometerMetrics metrics = new MicrometerMetrics();
    private volatile State readiness = new State(false, "no session with the controller");
    private HttpEndpoints endpoints;

    @BeforeEach
    void start() throws Exception {
        endpoints = new HttpEndpoints(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Runnable::run,
                () -> new State(true, "ok"),
                () -> readiness,
                metrics::scrape);
    }

    @AfterEach
    void stop() {
        endpoints.close();
        metrics.close();
    }

    @Test
    void saysWhetherTheProcessWorksAndWhetherItServes() throws Exception {
        assertThat(ask("GET", "/healthz").statusCode()).isEqualTo(200);
        HttpResponse<String> notReady = ask("GET", "/readyz");
        assertThat(notReady.statusCode()).isEqualTo(503);
        assertThat(notReady.body()).isEqualTo("no session with the controller\n");
        readiness = new State(true, "ready");
        assertThat(ask("GET", "/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void tellsTheMetricsWithTheirValues() throws Exception {
        metrics.produced(3, 700);
        metrics.gauge(MetricNames.OFFLINE, "Partitions without a leader", () -> 2);
        metrics.flushTook(1_500_000);
        String text = ask("GET", "/metrics").body();
        assertThat(text)
                .contains("lograft_produced_records_total 3.0")
                .contains("lograft_produced_bytes_total 700.0")
                .contains("lograft_offline_partitions 2.0")
                .contains("lograft_flush_seconds_count 1")
                .contains("jvm_memory_used_bytes");
    }

    @Test
    void refusesOtherPathsAndMethods() throws Exception {
        assertThat(ask("GET", "/").statusCode()).isEqualTo(404);
        assertThat(ask("GET", "/healthz/x").statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/metrics").statusCode()).isEqualTo(405);
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + endpoints.port() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }
}
