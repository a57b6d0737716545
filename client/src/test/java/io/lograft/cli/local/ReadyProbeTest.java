package io.lograft.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ReadyProbeTest {
    /** Linux has the whole network 127.0.0.0/8 on this machine: a listener there is not at 127.0.0.1. */
    @Test
    void asksWhereTheBrokerListens() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0), 1);
        int[] status = {503};
        server.createContext("/readyz", exchange -> {
            exchange.sendResponseHeaders(status[0], -1);
            exchange.close();
        });
        server.start();
        try {
            assertThat(ReadyProbe.isReady(server.getAddress())).isFalse();
            status[0] = 200;
            assertThat(ReadyProbe.isReady(server.getAddress())).isTrue();
            assertThat(ReadyProbe.isTaken(server.getAddress())).isTrue();
        } finally {
            server.stop(0);
        }
        assertThat(ReadyProbe.isReady(server.getAddress())).isFalse();
        assertThat(ReadyProbe.isTaken(server.getAddress())).isFalse();
    }
}
