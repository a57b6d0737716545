package io.lograft.client.core;

import java.util.ArrayList;
import java.util.List;

/** Where a broker listens. */
public record BrokerAddress(String host, int port) {
    private static final int DEFAULT_PORT = 7400;

    public BrokerAddress {
        if (host.isBlank() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is not HOST:PORT");
        }
    }

    /**
     * Reads {@code host:port,host:port,…}; a port that is left out is 7400, an IPv6 address stands in brackets. Throws
     * IllegalArgumentException for anything else.
     */
    public static List<BrokerAddress> parseList(String text) {
        List<BrokerAddress> addresses = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            addresses.add(parse(part.trim()));
        }
        return List.copyOf(addresses);
    }

    private static BrokerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon >= 0 && !text.endsWith("]");
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
        }
        try {
            return new BrokerAddress(host, hasPort ? Integer.parseInt(text.substring(colon + 1)) : DEFAULT_PORT);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT", e);
        }
    }

    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
