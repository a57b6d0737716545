package io.lograft.broker.app.config;

/**
 * A place to listen at or to connect to.
 *
 * @param host name or address; empty only in a listener, where it means all interfaces
 * @param port TCP port; 0 only in a listener, where it means any free one
 */
public record HostPort(String host, int port) {
    public HostPort {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 0..65535");
        }
        if (host.chars().anyMatch(Character::isWhitespace) || host.contains("/") || host.contains("@")) {
            throw new IllegalArgumentException("\"" + host + "\" is not a host name");
        }
    }

    /** Reads {@code host:port}; an IPv6 address stands in brackets. Throws IllegalArgumentException for anything else. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" lacks a port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("\"" + text + "\": an IPv6 address needs brackets, as in [::1]:7400");
        }
        try {
            return new HostPort(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text.substring(colon + 1) + "\" is not a port number", e);
        }
    }

    /** True for a listener that takes connections at every address of the machine. */
    public boolean isAllInterfaces() {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
