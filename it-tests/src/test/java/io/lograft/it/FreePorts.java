package io.lograft.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports that nothing listens at, below the range from which the system takes those of outgoing connections. */
public final class FreePorts {
    private static final int FIRST = 12_000;
    private static final int LAST = 30_000;

    private FreePorts() {}

    /** A port from which on there are those of so many brokers: three for each, ten apart. */
    public static int forBrokers(int count) throws IOException {
        for (int attempt = 0; attempt < 200; attempt++) {
            int base = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            boolean isFree = true;
            for (int broker = 0; broker < count && isFree; broker++) {
                for (int port = base + 10 * broker; port < base + 10 * broker + 3 && isFree; port++) {
                    isFree = isFree(port);
                }
            }
            if (isFree) {
                return base;
            }
        }
        throw new IOException("no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
