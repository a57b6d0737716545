package io.lograft.client;

import io.lograft.client.core.BrokerAddress;
import java.time.Duration;

/**
 * How a client connects.
 *
 * <pre>{@code
 * LograftOptions options = LograftOptions.of("localhost:7400,localhost:7410")
 *         .withRequestTimeout(Duration.ofSeconds(5));
 * try (Lograft cluster = Lograft.connect(options)) { … }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param bootstrap {@code host:port,host:port,…}: brokers to ask first; one live one is enough
 * @param requestTimeout how long a request to the cluster may take, attempts at several brokers included
 * @param connectTimeout how long to look for a first broker that answers before a request fails
 */
public record LograftOptions(String bootstrap, Duration requestTimeout, Duration connectTimeout) {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Throws IllegalArgumentException for an address that is none, or a timeout that is not positive. */
    public LograftOptions {
        BrokerAddress.parseList(bootstrap);
        if (requestTimeout.isNegative() || requestTimeout.isZero() || connectTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "timeouts must be positive, not " + requestTimeout + " and " + connectTimeout);
        }
    }

    /** Options with defaults: requests take 15 s at most, finding a first broker 10 s of it. */
    public static LograftOptions of(String bootstrap) {
        return new LograftOptions(bootstrap, REQUEST_TIMEOUT, CONNECT_TIMEOUT);
    }

    /** The same with another {@link #requestTimeout}. */
    public LograftOptions withRequestTimeout(Duration timeout) {
        return new LograftOptions(bootstrap, timeout, connectTimeout);
    }

    /** The same with another {@link #connectTimeout}. */
    public LograftOptions withConnectTimeout(Duration timeout) {
        return new LograftOptions(bootstrap, requestTimeout, timeout);
    }
}
