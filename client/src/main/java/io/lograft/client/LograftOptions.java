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
 */
public record LograftOptions(String bootstrap, Duration requestTimeout) {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);

    /** Throws IllegalArgumentException for an address that is none, or a timeout that is not positive. */
    public LograftOptions {
        BrokerAddress.parseList(bootstrap);
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("the request timeout must be positive, not " + requestTimeout);
        }
    }

    /** Options with defaults: requests take 15 s at most. */
    public static LograftOptions of(String bootstrap) {
        return new LograftOptions(bootstrap, REQUEST_TIMEOUT);
    }

    /** The same with another {@link #requestTimeout}. */
    public LograftOptions withRequestTimeout(Duration timeout) {
        return new LograftOptions(bootstrap, timeout);
    }
}
