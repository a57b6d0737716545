package io.lograft.broker.app.config;

/**
 * A configuration that the broker refuses to start with. The message is one line that names the key, the value and
 * what is allowed.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
