package io.lograft.cli.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks a broker on this machine, by HTTP, whether it is ready. A plain socket, because it loads few classes. */
public final class ReadyProbe {
    private static final int TIMEOUT_MS = 1000;
    private static final int STATUS_LINE_BYTES = 12; // "HTTP/1.1 200"

    private ReadyProbe() {}

    /** The health check of a container: exit status 0 if the broker at the HTTP port that is given is ready, else 1. */
    public static void main(String[] args) {
        System.exit(isReady(Integer.parseInt(args[0])) ? 0 : 1);
    }

    /** True if the broker at this HTTP port says that it is ready; false for any other answer, or none. */
    public static boolean isReady(int httpPort) {
        return isReady(new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort));
    }

    /** The same at any address. */
    public static boolean isReady(InetSocketAddress http) {
        try (Socket socket = new Socket()) {
            socket.connect(http, TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.getOutputStream()
                    .write("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String status = new String(in.readNBytes(STATUS_LINE_BYTES), StandardCharsets.US_ASCII);
            return status.endsWith(" 200");
        } catch (IOException e) {
            return false;
        }
    }

    /** True if something takes connections at this port. */
    static boolean isTaken(int port) {
        return isTaken(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** True if something takes connections at this address. */
    public static boolean isTaken(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, TIMEOUT_MS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
